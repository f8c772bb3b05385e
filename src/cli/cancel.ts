import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { withProducer } from './producer.ts';

/** `framescribe cancel <id…>`: ends jobs, also in the middle of their work. */
export function cancelCommand(context: CommandContext): Command {
  return new Command('cancel')
    .description('end a submitted video, also one that is being described')
    .argument('<id...>', 'as `submit` printed them')
    .action((ids: string[]) =>
      withProducer(context, async (producer) => {
        for (const id of ids) {
          const cancelled = await producer.cancel(id);
          process.stdout.write(`${id}  ${cancelled ? 'cancelled' : 'has ended already'}\n`);
        }
      }),
    );
}
