import type { Config } from '../src/domain/config.ts';
import { packageVersion } from '../src/pipeline/load-config.ts';
import { joinFleet } from '../src/queue/fleet.ts';
import { connectProducer, redisUrl } from '../src/queue/redis.ts';
import { workerName } from '../src/queue/worker-name.ts';
import type { RunningWorker } from './worker.ts';

/**
 * Makes a worker known to others, and lets it describe as many videos at a time as it's asked to while it runs; its own
 * configuration counts where nobody asks.
 *
 * @param onChange hears of each new number.
 */
export function enlist(worker: RunningWorker, { queue }: Config, onChange: (videos: number) => void): AsyncDisposable {
  const redis = connectProducer(redisUrl(queue), queue.answerMs);
  const startedMs = Date.now();
  const version = packageVersion();
  const membership = joinFleet(redis, queue.prefix, {
    facts: () => {
      const { concurrency, running, model } = worker;
      return { name: workerName(queue), concurrency, running, model, version, startedMs };
    },
    onConcurrency: (asked) => {
      const videos = asked ?? queue.concurrency;
      if (videos === worker.concurrency) return;
      worker.concurrency = videos;
      onChange(videos);
    },
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await membership[Symbol.asyncDispose]();
      redis.disconnect();
    },
  };
}
