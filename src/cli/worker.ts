import { Command } from 'commander';
import { loadConfig } from '../pipeline/load-config.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { workerNameArgument } from './worker-name.ts';

interface WorkerOptions {
  readonly out?: string;
  readonly concurrency?: number;
  readonly name?: string;
  readonly metricsPort?: number;
}

/** `framescribe worker`: describes what is submitted, until it's told to stop. */
export function workerCommand(context: CommandContext): Command {
  return new Command('worker')
    .description('describe the videos that are submitted, until stopped')
    .option('--out <folder|s3://bucket/prefix>', 'where results go')
    .option('--concurrency <n>', 'videos at the same time', wholeNumber(1, 64))
    .option('--name <name>', 'tells it from other workers', workerNameArgument)
    .option('--metrics-port <n>', 'serve /metrics, /healthz and /readyz there', wholeNumber(1, 65_535))
    .action(async ({ out, concurrency, name, metricsPort }: WorkerOptions) => {
      const config = await loadConfig(context.env);
      const { queue, observe } = config;
      const chosen = {
        workerName: name ?? queue.workerName,
        store: out ?? queue.store,
        concurrency: concurrency ?? queue.concurrency,
      };
      const { work } = await import('./work.ts'); // With BullMQ and all: others don't wait for that.
      await work(
        {
          ...config,
          queue: { ...queue, ...chosen },
          observe: { ...observe, metricsPort: metricsPort ?? observe.metricsPort },
        },
        context,
      );
    });
}
