import type { Redis } from 'ioredis';
import { type Backlog, openBacklog } from './backlog.ts';
import { askForConcurrency, readFleet, type WorkerFacts } from './fleet.ts';
import { ask, connectProducer } from './redis.ts';

/** All queues and all workers at one moment. */
export interface Overview {
  readonly queues: readonly Backlog[];
  readonly workers: readonly WorkerFacts[];
}

/** Looks at queues and workers as a whole. Every call ends within `answerMs`, with QUEUE_UNAVAILABLE without Redis. */
export interface Operator extends AsyncDisposable {
  overview(): Promise<Overview>;
  /**
   * Asks workers for another number of videos at a time, within seconds and without an end of what is at hand.
   *
   * @param videos from 1 to 64; null leaves it to each worker's own configuration again.
   * @param worker by name; all where there is none, those that start later too.
   */
  setConcurrency(videos: number | null, worker?: string): Promise<void>;
}

export interface OperatorSettings {
  /** URL of the Redis server. */
  readonly redis: string;
  readonly prefix: string;
  readonly answerMs: number;
}

export function createOperator({ redis: url, prefix, answerMs }: OperatorSettings): Operator {
  const redis: Redis = connectProducer(url, answerMs);
  const backlog = openBacklog(redis, prefix);
  return {
    overview: () =>
      ask(redis, answerMs, async () => {
        const [queues, workers] = await Promise.all([backlog.read(), readFleet(redis, prefix)]);
        return { queues, workers };
      }),
    setConcurrency: (videos, worker) => ask(redis, answerMs, () => askForConcurrency(redis, prefix, videos, worker)),
    [Symbol.asyncDispose]: async () => {
      await backlog.close();
      redis.disconnect();
    },
  };
}
