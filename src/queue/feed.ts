import { FramescribeError } from '../domain/errors.ts';
import { openEvents } from './events.ts';
import { isVideoId } from './job-id.ts';
import type { JobProgress } from './jobs.ts';
import { ask, connectProducer } from './redis.ts';
import { readProgress } from './status.ts';

/** That something has happened to a video, and when: ids of events grow. */
export interface Change {
  readonly eventId: string;
  readonly id: string;
  /** `edited`: its result reads otherwise now. */
  readonly kind: 'progress' | 'state' | 'removed' | 'edited';
  /** With `progress` only. */
  readonly progress: JobProgress | null;
}

/** What happens to all videos of a queue, told to any number of listeners. */
export interface Feed extends AsyncDisposable {
  /** @returns a function that ends it. */
  listen(tell: (change: Change) => void): () => void;
  /**
   * The videos to which something has happened since an event; null where Redis remembers too little to say.
   *
   * @throws {FramescribeError} QUEUE_UNAVAILABLE
   */
  since(eventId: string): Promise<readonly string[] | null>;
  /**
   * The id of the newest event; null where there was none yet.
   *
   * @throws {FramescribeError} QUEUE_UNAVAILABLE
   */
  newest(): Promise<string | null>;
  /** Tells every server of something that the queue itself doesn't know. */
  tell(kind: 'removed' | 'edited', id: string): Promise<void>;
}

export const EVENT_ID = /^\d{1,15}-\d{1,10}$/;

const QUEUE = 'describe';
/** What BullMQ keeps, about. */
const REMEMBERED = 10_000;
const STATES = ['added', 'waiting', 'active', 'delayed', 'waiting-children', 'completed', 'failed'] as const;

/** Opens the feed at this moment. */
export async function openFeed(url: string, prefix: string, answerMs: number): Promise<Feed> {
  const redis = connectProducer(url, answerMs);
  const stream = `${prefix}:${QUEUE}:events`;
  const answer = <T>(question: () => Promise<T>) => ask(redis, answerMs, question);
  try {
    const events = await answer(() => openEvents(redis, QUEUE, prefix));
    const listeners = new Set<(change: Change) => void>();
    const on = (name: string, kind: Change['kind']) => {
      // Its types know the events of BullMQ only.
      const emitter: NodeJS.EventEmitter = events;
      emitter.on(
        name,
        ({ jobId = '', data }: { readonly jobId?: string; readonly data?: unknown }, eventId: string) => {
          if (!isVideoId(jobId)) return;
          const progress = kind === 'progress' ? readProgress(data) : null;
          if (kind === 'progress' && progress === null) return;
          for (const tell of listeners) tell({ eventId, id: jobId, kind, progress });
        },
      );
    };
    for (const name of STATES) on(name, 'state');
    for (const name of ['progress', 'removed', 'edited'] as const) on(name, name);
    return {
      listen: (tell) => {
        listeners.add(tell);
        return () => void listeners.delete(tell);
      },
      since: (eventId) =>
        answer(async () => {
          const [first] = await redis.xrange(stream, '-', '+', 'COUNT', 1);
          if (first === undefined || isBefore(eventId, first[0])) return null;
          const entries = await redis.xrange(stream, `(${eventId}`, '+', 'COUNT', 2 * REMEMBERED);
          const ids = entries.map(([, fields]) => fields[fields.indexOf('jobId') + 1] ?? '');
          return [...new Set(ids)].filter(isVideoId);
        }),
      newest: () => answer(async () => (await redis.xrevrange(stream, '+', '-', 'COUNT', 1))[0]?.[0] ?? null),
      tell: async (kind, id) => {
        await answer(() => redis.xadd(stream, 'MAXLEN', '~', REMEMBERED, '*', 'event', kind, 'jobId', id));
      },
      [Symbol.asyncDispose]: async () => {
        await events.close();
        redis.disconnect();
      },
    };
  } catch (error) {
    redis.disconnect();
    throw FramescribeError.from(error);
  }
}

function isBefore(a: string, b: string): boolean {
  const [[aMs = 0, aCount = 0], [bMs = 0, bCount = 0]] = [a, b].map((id) => id.split('-').map(Number)) as [
    number[],
    number[],
  ];
  return aMs === bMs ? aCount < bCount : aMs < bMs;
}
