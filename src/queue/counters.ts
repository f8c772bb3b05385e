import { connectProducer } from './redis.ts';

/** Counts what happens in a stretch of time, over all processes of a queue. */
export interface Counters extends AsyncDisposable {
  /**
   * Counts one more, and tells how many that makes. Both ends of a stretch are the clock's, so all processes mean the same.
   *
   * @throws {Error} Redis is away, or slow.
   */
  count(what: string, windowMs: number): Promise<number>;
}

/** Opens them in a queue's Redis, which forgets them by itself. */
export function openCounters(url: string, prefix: string, answerMs: number): Counters {
  const redis = connectProducer(url, answerMs);
  return {
    count: async (what, windowMs) => {
      const key = `${prefix}:counts:${what}:${Math.floor(Date.now() / windowMs)}`;
      const [[, count] = []] = (await redis.multi().incr(key).pexpire(key, windowMs).exec()) ?? [];
      return Number(count);
    },
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}
