import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FramescribeError } from '../domain/errors.ts';
import type { Counters } from '../queue/counters.ts';
import type { Api } from './api.ts';

const WINDOW_MS = 60_000;
/** Of the many that somebody with many addresses might make. */
const MOST_KEPT = 20_000;

/** Refuses a request that is one too many within a minute. */
export type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** How often something happened: what this process saw, and what all of them together did when one last heard. */
interface Tally {
  own: number;
  all: number;
}

/**
 * Makes limits that hold for all servers of a queue together. No request waits for Redis: each is counted there while it's
 * answered, so a server may let through the few that others are counting at that moment. Without Redis each server keeps
 * the limit for itself.
 */
export async function openLimits(api: Api, counters: Counters): Promise<(what: string, max: number) => Limit> {
  let window = 0;
  let tallies = new Map<string, Tally>();
  const tallyOf = (key: string): Tally => {
    const now = Math.floor(Date.now() / WINDOW_MS);
    if (now !== window || tallies.size >= MOST_KEPT) [window, tallies] = [now, new Map()];
    const tally = tallies.get(key) ?? { own: 0, all: 0 };
    tallies.set(key, tally);
    return tally;
  };
  class Store {
    incr(key: string, tell: (error: Error | null, seen: { current: number; ttl: number }) => void): void {
      const tally = tallyOf(key);
      tally.own++;
      counters.count(key, WINDOW_MS).then(
        (all) => {
          tally.all = Math.max(tally.all, all);
        },
        () => {}, // Redis is away: what is seen here has to do.
      );
      tell(null, { current: Math.max(tally.own, tally.all), ttl: WINDOW_MS - (Date.now() % WINDOW_MS) });
    }

    child(): Store {
      return this;
    }
  }
  await api.register(rateLimit, { global: false, store: Store });
  return (what, max) => {
    const keyGenerator = ({ caller, ip }: FastifyRequest) => `${what}:${caller?.token ?? ip}`;
    const limit = api.createRateLimit({ max, timeWindow: WINDOW_MS, keyGenerator });
    return async (request, reply) => {
      const verdict = await limit(request);
      if (verdict.isAllowed || !verdict.isExceeded) return;
      const seconds = Math.max(1, verdict.ttlInSeconds);
      reply.header('retry-after', seconds);
      throw new FramescribeError(
        'TOO_MANY_REQUESTS',
        `Expected at most ${verdict.max} requests a minute: again in ${seconds} s`,
      );
    };
  };
}
