import { Command } from 'commander';
import type { RunningWorker, startWorker, WorkerEvent } from '../../workers/worker.ts';
import type { Config } from '../domain/config.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { printable } from './print.ts';

interface WorkerOptions {
  readonly out?: string;
  readonly concurrency?: number;
}

/** `framescribe worker`: describes what is submitted, until it's told to stop. */
export function workerCommand(context: CommandContext): Command {
  return new Command('worker')
    .description('describe the videos that are submitted, until stopped')
    .option('--out <folder|s3://bucket/prefix>', 'where results go')
    .option('--concurrency <n>', 'videos at the same time', wholeNumber(1, 64))
    .action(async ({ out, concurrency }: WorkerOptions) => {
      const config = await loadConfig(context.env);
      const { queue } = config;
      const chosen = { store: out ?? queue.store, concurrency: concurrency ?? queue.concurrency };
      await work({ ...config, queue: { ...queue, ...chosen } }, context);
    });
}

/** Works until the context's signal aborts, and then until all that was taken is finished or handed back. */
export async function work(config: Config, { signal, endsByStop }: CommandContext): Promise<void> {
  endsByStop();
  await using worker = await startLazily(config, workerLog());
  say(`ready: model ${worker.model}, ${config.queue.concurrency} at a time, results to ${config.queue.store}`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  say('stopping: finishing what is at hand');
}

/** Whoever doesn't use the queue doesn't wait for BullMQ to load. */
async function startLazily(...args: Parameters<typeof startWorker>): Promise<RunningWorker> {
  const { startWorker } = await import('../../workers/worker.ts');
  return startWorker(...args);
}

const SAME_TROUBLE_MS = 10_000;

/** A line for each event; the same trouble is told now and then only. */
function workerLog(): (event: WorkerEvent) => void {
  let trouble = '';
  let toldAt = 0;
  return (event) => {
    if (event.kind === 'trouble') {
      if (event.reason === trouble && Date.now() - toldAt < SAME_TROUBLE_MS) return;
      trouble = event.reason;
      toldAt = Date.now();
      say(`trouble: ${event.reason}`);
    } else say(`${event.kind}: ${event.type} ${event.id}${event.kind === 'failed' ? `: ${event.reason}` : ''}`);
  };
}

function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}
