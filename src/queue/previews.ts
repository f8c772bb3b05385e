import type { Redis } from 'ioredis';
import { ask, connectProducer } from './redis.ts';

/** A small picture of each video at work, in Redis: its result is not there yet, and worker and server may be far apart. */
export interface PreviewWriter {
  put(video: string, jpeg: Buffer): Promise<void>;
  forget(video: string): Promise<void>;
}

export interface PreviewReader extends AsyncDisposable {
  isThere(video: string): Promise<boolean>;
  /** Null where there is none. */
  read(video: string): Promise<Buffer | null>;
}

/** Should nobody be left to forget it. */
const EXPIRE_SECONDS = 86_400;

export function previewWriter(redis: Redis, prefix: string): PreviewWriter {
  return {
    put: async (video, jpeg) => {
      await redis.set(keyOf(prefix, video), jpeg, 'EX', EXPIRE_SECONDS);
    },
    forget: async (video) => {
      await redis.del(keyOf(prefix, video));
    },
  };
}

export function openPreviews(url: string, prefix: string, answerMs: number): PreviewReader {
  const redis = connectProducer(url, answerMs);
  return {
    isThere: async (video) => (await ask(redis, answerMs, () => redis.exists(keyOf(prefix, video)))) > 0,
    read: (video) => ask(redis, answerMs, () => redis.getBuffer(keyOf(prefix, video))),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}

function keyOf(prefix: string, video: string): string {
  return `${prefix}:preview:${video}`;
}
