import type { Redis } from 'ioredis';

/** How far the segments of videos have come, in Redis, as they are at work on many machines. */
export interface SegmentProgress {
  /** Notes how far one has come; tells how far all of its video have. */
  note(video: string, index: number, part: Part): Promise<Part>;
  forget(video: string): Promise<void>;
}

interface Part {
  readonly doneMs: number;
  readonly keyframes: number;
}

/** Should nobody be left to forget it. */
const EXPIRE_SECONDS = 86_400;

export function segmentProgress(redis: Redis, prefix: string): SegmentProgress {
  const keyOf = (video: string) => `${prefix}:segments:${video}`;
  return {
    note: async (video, index, { doneMs, keyframes }) => {
      const key = keyOf(video);
      const answers = await redis
        .multi()
        .hset(key, index, `${Math.round(doneMs)} ${keyframes}`)
        .expire(key, EXPIRE_SECONDS)
        .hvals(key)
        .exec();
      const all = (answers?.[2]?.[1] ?? []) as readonly string[];
      const sum = (field: number) => all.reduce((total, text) => total + Number(text.split(' ')[field] ?? 0), 0);
      return { doneMs: sum(0), keyframes: sum(1) };
    },
    forget: async (video) => {
      await redis.del(keyOf(video));
    },
  };
}
