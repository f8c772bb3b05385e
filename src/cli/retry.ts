import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { printStatus } from './print.ts';
import { withProducer } from './producer.ts';

/** `framescribe retry <id…>`: gives failed and cancelled jobs their tries again. */
export function retryCommand(context: CommandContext): Command {
  return new Command('retry')
    .description('try a failed or cancelled video again')
    .argument('<id...>', 'as `submit` printed them')
    .action((ids: string[]) =>
      withProducer(context, async (producer) => {
        for (const id of ids) printStatus(await producer.retry(id), false);
      }),
    );
}
