import { watchEventLoop } from '../observe/event-loop.ts';
import { residentBytes } from '../observe/memory.ts';
import { createServerMetrics } from '../observe/server-metrics.ts';
import { packageVersion } from '../pipeline/load-config.ts';
import type { Api } from './api.ts';
import type { EventStreams } from './events.ts';

export interface ServerMetrics extends Disposable {
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Counts what a server answers, by route: not by path, which anybody may make up. */
export function countServer(api: Api, streams: EventStreams): ServerMetrics {
  const metrics = createServerMetrics();
  const eventLoop = watchEventLoop();
  metrics.info.set({ version: packageVersion(), node: process.version }, 1);
  api.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    const labels = { method, route: routeOptions.url ?? 'none', status: String(reply.statusCode) };
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1000);
  });
  return {
    read: async () => {
      metrics.memory.set(residentBytes().own);
      metrics.eventStreams.set(streams.count);
      for (const { quantile, seconds } of eventLoop.read()) {
        metrics.eventLoopLag.set({ quantile: String(quantile) }, seconds);
      }
      return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
    },
    [Symbol.dispose]: () => eventLoop[Symbol.dispose](),
  };
}
