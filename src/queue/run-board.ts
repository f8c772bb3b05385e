import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { holderOf, type Lease, takeLease } from './lease.ts';
import { ask, connectProducer } from './redis.ts';

/** What somebody asks of the process that drives a run. */
export const runRequest = z.enum(['pause', 'cancel']);
export type RunRequest = z.infer<typeof runRequest>;

/**
 * Where those who drive a run and those who look at it meet. It may forget everything: what counts is in the store.
 * Every call ends within `answerMs`, with QUEUE_UNAVAILABLE without Redis.
 */
export interface RunBoard extends AsyncDisposable {
  /** Null where another process drives the run. */
  take(run: string): Promise<Lease | null>;
  /** The turn of one run to fill the queue up; null while another run has it. */
  turn(): Promise<AsyncDisposable | null>;
  /** Who drives a run, for people; null where nobody does. */
  driver(run: string): Promise<string | null>;
  ask(run: string, request: RunRequest | null): Promise<void>;
  asked(run: string): Promise<RunRequest | null>;
  /** Puts up what is known of a run, as JSON. */
  post(run: string, text: string): Promise<void>;
  read(run: string): Promise<string | null>;
}

/** Whoever hasn't renewed a lease for this long has lost it. */
export const LEASE_MS = 10_000;
const FORGOTTEN_S = 30 * 86_400;

export function openRunBoard(url: string, prefix: string, answerMs: number): RunBoard {
  const redis: Redis = connectProducer(url, answerMs);
  const key = (run: string, what: string) => `${prefix}:backfill:${run}:${what}`;
  const answer = <T>(question: () => Promise<T>) => ask(redis, answerMs, question);
  return {
    take: async (run) => {
      const lease = await answer(() => takeLease(redis, key(run, 'lease'), `${hostname()}:${process.pid}`, LEASE_MS));
      return lease && { renew: () => answer(lease.renew), release: () => answer(lease.release) };
    },
    turn: async () => {
      const lease = await answer(() => takeLease(redis, `${prefix}:backfill-turn`, '', LEASE_MS));
      return lease && { [Symbol.asyncDispose]: () => answer(lease.release).catch(() => {}) };
    },
    driver: (run) => answer(() => holderOf(redis, key(run, 'lease'))),
    ask: async (run, request) => {
      const name = key(run, 'request');
      await answer<unknown>(() => (request === null ? redis.del(name) : redis.set(name, request, 'EX', FORGOTTEN_S)));
    },
    asked: async (run) => runRequest.safeParse(await answer(() => redis.get(key(run, 'request')))).data ?? null,
    post: async (run, text) => {
      await answer(() => redis.set(key(run, 'now'), text, 'EX', FORGOTTEN_S));
    },
    read: (run) => answer(() => redis.get(key(run, 'now'))),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}
