import type { Config } from '../src/domain/config.ts';
import { watchEventLoop } from '../src/observe/event-loop.ts';
import { residentBytes } from '../src/observe/memory.ts';
import { serveObservations } from '../src/observe/serve.ts';
import { packageVersion } from '../src/pipeline/load-config.ts';
import { openBacklog } from '../src/queue/backlog.ts';
import { ask, connectProducer, redisUrl } from '../src/queue/redis.ts';
import { type RunningWorker, startWorker, type WorkerEvent } from './worker.ts';
import { countWorker } from './worker-metrics.ts';

/** A scrape ends before Prometheus' own ten seconds. */
const ANSWER_MS = 3_000;

export interface ObservedWorker extends AsyncDisposable {
  readonly worker: RunningWorker;
  /** Where it can be looked at. */
  readonly port: number;
}

/**
 * Starts a worker and a port beside it that tells how it is; that one is there before the worker is ready, and not ready
 * again once it's told to stop.
 *
 * @throws {FramescribeError} what keeps it from working; CONFIG_INVALID: the port isn't free.
 */
export async function startObservedWorker(
  config: Config,
  onEvent: (event: WorkerEvent) => void,
  stopping: AbortSignal,
): Promise<ObservedWorker> {
  const { metrics, hear } = countWorker();
  const { queue, observe, temp } = config;
  const redis = connectProducer(redisUrl(queue), ANSWER_MS);
  const backlog = openBacklog(redis, queue.prefix);
  const eventLoop = watchEventLoop();
  let worker: RunningWorker | null = null;
  metrics.info.set({ version: packageVersion(), node: process.version }, 1);
  metrics.tempLimit.set(temp.maxBytes);

  const readQueue = async () => {
    metrics.jobs.reset();
    metrics.oldestJob.reset();
    try {
      for (const { type, counts, oldestMs } of await ask(redis, ANSWER_MS, () => backlog.read())) {
        for (const [state, count] of Object.entries(counts)) metrics.jobs.set({ type, state }, count);
        metrics.oldestJob.set({ type }, oldestMs === null ? 0 : Math.max(0, Date.now() - oldestMs) / 1000);
      }
      metrics.redisUp.set(1);
    } catch {
      metrics.redisUp.set(0);
    }
  };
  const cpuShown = { seconds: 0 };
  const readProcess = () => {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    metrics.cpuSeconds.inc({ program: 'worker' }, cpuSeconds - cpuShown.seconds);
    cpuShown.seconds = cpuSeconds;
    metrics.memory.set({ program: 'worker' }, residentBytes().own);
    for (const { quantile, seconds } of eventLoop.read())
      metrics.eventLoopLag.set({ quantile: String(quantile) }, seconds);
    metrics.running.set(worker?.running ?? 0);
    metrics.concurrency.set(worker?.concurrency ?? queue.concurrency);
  };
  const unready = async () => {
    if (stopping.aborted) return ['stopping'];
    if (worker === null) return ['starting'];
    return ask(redis, ANSWER_MS, () => redis.ping()).then(
      () => [],
      () => ['no Redis'],
    );
  };
  const show = async () => {
    readProcess();
    await readQueue();
    metrics.ready.set((await unready()).length === 0 ? 1 : 0);
    return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
  };
  const address = { host: observe.metricsHost, port: observe.metricsPort };
  const release = async () => {
    eventLoop[Symbol.dispose]();
    await backlog.close();
    redis.disconnect();
  };
  const server = await serveObservations({ metrics: show, unready }, address).catch(async (error) => {
    await release();
    throw error;
  });
  const close = async () => {
    await worker?.stop();
    await server[Symbol.asyncDispose]();
    await release();
  };
  try {
    worker = await startWorker(config, (event) => {
      hear(event);
      onEvent(event);
    });
    return { worker, port: server.port, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
