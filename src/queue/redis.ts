import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';

/**
 * A connection of somebody who waits for an answer: every command ends within `answerMs`, at once where Redis is away.
 * It goes on trying to reach Redis in the background.
 */
export function connectProducer(url: string, answerMs: number): Redis {
  return open(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: answerMs,
    connectTimeout: answerMs,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), 2_000),
  });
}

/** A connection of somebody who waits for work, and all that BullMQ makes of it. */
export interface WorkerConnection {
  readonly redis: Redis;
  /**
   * Settles when all of them are there, or after a time: BullMQ waits for ever for the end of a connection that is about
   * to connect again.
   */
  untilReady(withinMs: number): Promise<void>;
  disconnect(): void;
}

/** It outlasts a Redis that is away for a while. */
export function connectWorker(url: string): WorkerConnection {
  const redis = open(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), 5_000) * (0.5 + Math.random() / 2),
  });
  const all = [redis];
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (override) => {
    const other = duplicate(override);
    all.push(other);
    return other;
  };
  return {
    redis,
    untilReady: async (withinMs) => {
      const over = AbortSignal.timeout(withinMs);
      while (!over.aborted && all.some(({ status }) => status !== 'ready' && status !== 'end')) await sleep(20);
    },
    disconnect: () => {
      for (const each of all) each.disconnect();
    },
  };
}

/**
 * Does something with Redis, within a time; at once where it can't be reached.
 *
 * @throws {FramescribeError} QUEUE_UNAVAILABLE
 */
export async function ask<T>(redis: Redis, answerMs: number, question: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    // Not before there is a connection: BullMQ would wait for one, and do the work long after it was given up here.
    if (redis.status !== 'ready') await inTime(once(redis, 'ready', { signal: over.signal }), answerMs);
    return await inTime(question(), answerMs);
  } catch (cause) {
    if (cause instanceof FramescribeError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FramescribeError(
      'QUEUE_UNAVAILABLE',
      `Expected an answer of Redis at ${placeOf(redis)}, got: ${reason}`,
      {
        cause,
      },
    );
  } finally {
    over.abort();
  }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The Redis that the settings name, or this machine's usual one. */
export function redisUrl(settings: Config['queue']): string {
  return settings.redisUrl || 'redis://127.0.0.1:6379';
}

/** Host and port: a URL may hold a password. */
export function placeOf({ options }: Redis): string {
  return options.path ?? `${options.host}:${options.port}`;
}

interface Manners {
  readonly enableOfflineQueue?: boolean;
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeout?: number;
  readonly connectTimeout?: number;
  readonly retryStrategy: (times: number) => number;
}

function open(url: string, manners: Manners): Redis {
  if (!/^(rediss?|unix):\/\/|^\//.test(url)) {
    throw new FramescribeError('CONFIG_INVALID', 'Expected the URL of a Redis server, such as redis://127.0.0.1:6379');
  }
  // Version 2 of the protocol is what BullMQ is tested with.
  const redis = new Redis(url, { protocol: 2, ...manners });
  redis.on('error', () => {}); // What was asked fails; ioredis itself tries again.
  return redis;
}
