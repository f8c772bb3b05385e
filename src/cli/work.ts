import { enlist } from '../../workers/fleet-member.ts';
import { startObservedWorker } from '../../workers/observed-worker.ts';
import { type RunningWorker, startWorker, type WorkerEvent } from '../../workers/worker.ts';
import type { Config } from '../domain/config.ts';
import { openLog } from '../observe/log.ts';
import { redactor } from '../observe/redact.ts';
import { secretsOf } from '../observe/secrets.ts';
import { workerName } from '../queue/worker-name.ts';
import type { CommandContext } from './context.ts';
import { traceWhereAsked } from './trace.ts';
import { workerLog } from './worker-log.ts';

/** Works until the context's signal aborts, and then until all that was taken is finished or handed back. */
export async function work(config: Config, { env, signal, endsByStop }: CommandContext): Promise<void> {
  endsByStop();
  const redact = redactor(secretsOf(config, env));
  const { isTTY: isTerminal = false, fd } = process.stderr;
  await using opened = openLog({
    settings: config.observe,
    redact,
    facts: { worker: workerName(config.queue) },
    isTerminal,
    fd,
  });
  const { log } = opened;
  await using _tracing = await traceWhereAsked(config, 'framescribe-worker');
  await using started = await start(config, workerLog(log), signal);
  const { worker } = started;
  await using _member = enlist(worker, config, (videos) =>
    log.info({ event: 'concurrency', videos }, `concurrency: ${videos} at a time from now on`),
  );
  const { concurrency, store } = config.queue;
  log.info({ event: 'ready' }, `ready: model ${worker.model}, ${concurrency} at a time, results to ${store}`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  log.info({ event: 'stopping' }, 'stopping: finishing what is at hand');
}

async function start(
  config: Config,
  onEvent: (event: WorkerEvent) => void,
  stopping: AbortSignal,
): Promise<{ readonly worker: RunningWorker } & AsyncDisposable> {
  if (config.observe.metricsPort !== 0) return startObservedWorker(config, onEvent, stopping);
  const worker = await startWorker(config, onEvent);
  return { worker, [Symbol.asyncDispose]: () => worker.stop() };
}
