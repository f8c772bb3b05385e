import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { withOperator } from './operator.ts';
import { workerNameArgument } from './worker-name.ts';

const DEFAULT = 'default';

/** `framescribe concurrency <n>`: how many videos at a time running workers describe. */
export function concurrencyCommand(context: CommandContext): Command {
  return new Command('concurrency')
    .description('ask running workers, and those that start later, for another number of videos at a time')
    .argument('<n>', `from 1 to 64, or "${DEFAULT}" to leave it to each worker's configuration`, parseVideos)
    .option('--worker <name>', 'only this one, as `framescribe status` names it', workerNameArgument)
    .action((videos: number | typeof DEFAULT, { worker }: { worker?: string }) =>
      withOperator(context, (operator) => operator.setConcurrency(videos === DEFAULT ? null : videos, worker)),
    );
}

function parseVideos(text: string): number | typeof DEFAULT {
  return text === DEFAULT ? text : wholeNumber(1, 64)(text);
}
