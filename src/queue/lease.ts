import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Something that one process at a time has; whoever doesn't renew it in time has lost it. */
export interface Lease {
  /** False where somebody else has it by now. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

const RENEW = `
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return 1`;
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/**
 * Takes a lease; null where somebody else has it. One that has run out, or that a Redis without memory has forgotten,
 * is taken again by whoever renews it first.
 *
 * @param holder for people: who has it.
 */
export async function takeLease(redis: Redis, key: string, holder: string, lifeMs: number): Promise<Lease | null> {
  const mine = `${holder} ${randomUUID()}`;
  const renew = async () => (await redis.eval(RENEW, 1, key, mine, lifeMs)) === 1;
  if (!(await renew())) return null;
  return {
    renew,
    release: async () => {
      await redis.eval(RELEASE, 1, key, mine);
    },
  };
}

/** Who has a lease now, for people; null where nobody has. */
export async function holderOf(redis: Redis, key: string): Promise<string | null> {
  const holder = await redis.get(key);
  return holder === null ? null : holder.slice(0, holder.lastIndexOf(' '));
}
