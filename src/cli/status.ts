import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { printStatus } from './print.ts';
import { withProducer } from './producer.ts';

/** `framescribe status [id]`: one job, or how many there are. */
export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description('what has become of a submitted video, or how many there are in each state')
    .argument('[id]', 'as `submit` printed it')
    .option('--json', 'print JSON', false)
    .action((id: string | undefined, { json }: { json: boolean }) =>
      withProducer(context, async (producer) => {
        if (id !== undefined) return printStatus(await producer.status(id), json);
        const counts = await producer.counts();
        const lines = Object.entries(counts).map(([state, count]) => `${state.padEnd(10)} ${count}`);
        process.stdout.write(`${json ? JSON.stringify(counts) : lines.join('\n')}\n`);
      }),
    );
}
