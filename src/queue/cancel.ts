import type { Redis } from 'ioredis';

/** Tells every worker at once that a job is to end. Whoever misses it finds the mark in the job's data. */
export async function announceCancel(redis: Redis, prefix: string, id: string): Promise<void> {
  await redis.publish(channel(prefix), id);
}

/** Tells every worker to stop the segments of a video, whose own job goes on. */
export async function announceSegmentStop(redis: Redis, prefix: string, id: string): Promise<void> {
  await redis.publish(channel(prefix), `${SEGMENTS}${id}`);
}

const SEGMENTS = 'segments of ';

/**
 * Hears of jobs to end on a connection of its own.
 *
 * @param onCancel is called with a job's id, and whether only its segments are meant.
 * @param onConnected is called when messages may have been missed before: at first and after each loss of the connection.
 */
export function hearCancels(
  redis: Redis,
  prefix: string,
  onCancel: (id: string, onlySegments: boolean) => void,
  onConnected: () => void,
): AsyncDisposable {
  const own = redis.duplicate();
  own.on('error', () => {}); // It connects again by itself.
  own.on('message', (_, message) => {
    const onlySegments = message.startsWith(SEGMENTS);
    onCancel(onlySegments ? message.slice(SEGMENTS.length) : message, onlySegments);
  });
  own.on('ready', () => own.subscribe(channel(prefix)).then(onConnected, () => {}));
  return { [Symbol.asyncDispose]: async () => own.disconnect() };
}

function channel(prefix: string): string {
  return `${prefix}:cancel`;
}
