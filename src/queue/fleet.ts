import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** What a worker tells of itself, every {@link BEAT_MS}. Times are milliseconds since 1970. */
const workerFacts = z.strictObject({
  name: z.string(),
  /** Videos at the same time. */
  concurrency: z.int().min(1),
  /** Jobs at hand. */
  running: z.int().min(0),
  model: z.string(),
  version: z.string(),
  startedMs: z.number(),
  seenMs: z.number(),
});
export type WorkerFacts = Readonly<z.infer<typeof workerFacts>>;

/** A new number of videos at a time reaches every worker within this. */
const BEAT_MS = 3_000;
const AGAIN_MS = 300;
/** A worker that was not heard of for this long is gone, or can't reach Redis. */
const LOST_MS = 15_000;
/** Whoever has died leaves its line for so long. */
const FORGOTTEN_MS = 3_600_000;
const EVERYBODY = '*';

export interface FleetMember {
  /** What it tells of itself. */
  facts(): Omit<WorkerFacts, 'seenMs'>;
  /** Hears how many videos at a time are asked of it; null where nobody has asked for anything. */
  onConcurrency(videos: number | null): void;
}

/**
 * Makes a worker known, and lets it hear how many videos at a time it should describe: at once and then now and then.
 * One request to Redis each time; while that is away, things stay as they are.
 */
export function joinFleet(redis: Redis, prefix: string, { facts, onConcurrency }: FleetMember): AsyncDisposable {
  const stop = new AbortController();
  const { name } = facts();
  const beat = async () => {
    const line = JSON.stringify({ ...facts(), seenMs: Date.now() } satisfies WorkerFacts);
    const answers = await redis
      .pipeline()
      .hset(membersKey(prefix), name, line)
      .hmget(concurrencyKey(prefix), name, EVERYBODY)
      .exec();
    const [failed, found] = answers?.[1] ?? [];
    if (!failed && Array.isArray(found)) onConcurrency(readNumber(found[0]) ?? readNumber(found[1]));
  };
  const beats = (async () => {
    while (!stop.signal.aborted) {
      const pauseMs = await beat().then(
        () => BEAT_MS,
        () => AGAIN_MS,
      );
      await sleep(pauseMs, undefined, { signal: stop.signal, ref: false }).catch(() => {});
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await beats;
      await redis.hdel(membersKey(prefix), name).catch(() => {});
    },
  };
}

/** The workers that were heard of lately, by name. */
export async function readFleet(redis: Redis, prefix: string): Promise<readonly WorkerFacts[]> {
  const lines = Object.entries(await redis.hgetall(membersKey(prefix)));
  const known = lines.map(([name, line]) => ({ name, facts: readFacts(line) }));
  const agesMs = new Map(known.map(({ name, facts }) => [name, Date.now() - (facts?.seenMs ?? 0)]));
  const forgotten = known.filter(({ name }) => (agesMs.get(name) ?? 0) > FORGOTTEN_MS).map(({ name }) => name);
  if (forgotten.length > 0) await redis.hdel(membersKey(prefix), ...forgotten);
  return known
    .flatMap(({ facts }) => (facts === null ? [] : [facts]))
    .filter(({ name }) => (agesMs.get(name) ?? 0) < LOST_MS)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Asks workers for another number of videos at a time, also those that start later; jobs at hand go on.
 *
 * @param videos null leaves it to each worker's own configuration again.
 * @param worker by name; without one it's for all that have no number of their own, and forgets those numbers.
 */
export async function askForConcurrency(
  redis: Redis,
  prefix: string,
  videos: number | null,
  worker: string | undefined,
): Promise<void> {
  const key = concurrencyKey(prefix);
  const field = worker ?? EVERYBODY;
  const steps = redis.multi();
  if (worker === undefined) steps.del(key);
  if (videos === null) steps.hdel(key, field);
  else steps.hset(key, field, videos);
  await steps.exec();
}

function membersKey(prefix: string): string {
  return `${prefix}:workers`;
}

function concurrencyKey(prefix: string): string {
  return `${prefix}:concurrency`;
}

function readFacts(line: string): WorkerFacts | null {
  try {
    return workerFacts.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function readNumber(text: unknown): number | null {
  const number = Number(text);
  return typeof text === 'string' && Number.isInteger(number) && number >= 1 && number <= 64 ? number : null;
}
