import { Command } from 'commander';
import { FramescribeError } from '../domain/errors.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { Producer } from '../queue/producer.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { printable } from './print.ts';
import { withProducer } from './producer.ts';

interface SweepOptions {
  readonly in?: string;
  readonly days: number;
  readonly yes: boolean;
}

const DAY_MS = 86_400_000;

/** `framescribe sweep`: removes segments of long videos whose jobs have failed and weren't tried again. */
export function sweepCommand(context: CommandContext): Command {
  return new Command('sweep')
    .description('remove segments that failed jobs have left in the store; without --yes, only tell which')
    .option('--in <store>', 'the store: a folder or s3://bucket/prefix (default: queue.store)')
    .option('--days <n>', 'those of which nothing was written for so long', wholeNumber(1, 3650), 7)
    .option('--yes', 'do it', false)
    .action(async ({ in: place, days, yes }: SweepOptions) => {
      const config = await loadConfig(context.env);
      const { checkpointStore, oldCheckpoints } = await import('../pipeline/old-checkpoints.ts');
      const store = await checkpointStore(place ?? config.queue.store, config.storage);
      await withProducer(context, async (producer) => {
        let count = 0;
        for await (const name of oldCheckpoints(store, days * DAY_MS, (job) => isUnderWay(producer, job))) {
          context.signal.throwIfAborted();
          process.stdout.write(`${printable(store.locate(name))}\n`);
          if (yes) await store.remove(name);
          count += 1;
        }
        const done = yes ? 'removed' : 'to remove; --yes does it';
        process.stdout.write(`${count} segments: ${count === 0 ? 'nothing to do' : done}\n`);
      });
    });
}

/** Without an answer of Redis nothing is removed. */
async function isUnderWay(producer: Producer, id: string): Promise<boolean> {
  try {
    const { state } = await producer.status(id);
    return !['completed', 'failed', 'cancelled'].includes(state);
  } catch (error) {
    if (FramescribeError.from(error).code === 'JOB_NOT_FOUND') return false;
    throw error;
  }
}
