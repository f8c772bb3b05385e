import type { EventEmitter } from 'node:events';
import { QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { FramescribeError } from '../domain/errors.ts';
import { EventQueue } from '../media/event-queue.ts';
import { type Failure, readFailure } from './failure.ts';
import { type Described, type JobProgress, progress as progressSchema } from './jobs.ts';
import { type JobStatus, readProgress, readResult } from './status.ts';

/** What happens to a job. After `completed`, `failed`, `cancelled` or `removed` nothing more comes. */
export type JobEvent =
  | { readonly kind: 'active' | 'delayed' | 'waiting' | 'cancelled' | 'removed' }
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  | { readonly kind: 'completed'; readonly result: Described }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Reads the events of one queue, from the moment it's opened, for any number of watchers. */
export async function openEvents(redis: Redis, queue: string, prefix: string): Promise<QueueEvents> {
  // Named, not `$`: what happens between here and the first read would be lost.
  const [last] = await redis.xrevrange(`${prefix}:${queue}:events`, '+', '-', 'COUNT', 1);
  const own = redis.duplicate({ maxRetriesPerRequest: null, enableOfflineQueue: true, commandTimeout: undefined });
  own.on('error', () => {}); // It connects again by itself, and reads on from where it was.
  const events = new QueueEvents(queue, { connection: own, prefix, lastEventId: last?.[0] ?? '0-0' });
  events.setMaxListeners(0);
  events.on('error', () => {});
  const close = events.close.bind(events);
  events.close = async () => {
    await close().catch(() => {});
    own.disconnect();
  };
  return events;
}

/**
 * What happens to a job from now on; one that has ended already tells its end.
 *
 * @param look is called once the watcher listens, so that nothing falls between.
 */
export async function* watch(
  events: QueueEvents,
  id: string,
  look: () => Promise<JobStatus>,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobEvent> {
  const queue = new EventQueue<JobEvent>(
    Number.POSITIVE_INFINITY,
    () => {},
    () => {},
  );
  const off = listen(events, id, (event) => queue.push(event));
  const stop = () => queue.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const end = endOf(await look());
    if (end !== null) {
      yield end;
      return;
    }
    const isNews = newsFilter();
    for await (const event of queue) {
      if (isNews(event)) yield event;
      if (isEnd(event)) return;
    }
    throw new FramescribeError('CANCELLED', 'Stopped watching on request.', { cause: signal?.reason });
  } finally {
    off();
    signal?.removeEventListener('abort', stop);
  }
}

/** Segments tell their video's progress from many machines, where one may overtake another: it never goes back in a try. */
function newsFilter(): (event: JobEvent) => boolean {
  let last: JobProgress | null = null;
  return (event) => {
    if (event.kind === 'waiting' || event.kind === 'delayed') last = null;
    if (event.kind !== 'progress') return true;
    const { progress } = event;
    const stages = progressSchema.shape.stage.options;
    const [before, now] = [last, progress].map((one) => (one ? stages.indexOf(one.stage) : -1)) as [number, number];
    if (now < before || (now === before && progress.doneMs < (last?.doneMs ?? 0))) return false;
    last = progress;
    return true;
  };
}

function listen(events: QueueEvents, id: string, tell: (event: JobEvent) => void): () => void {
  const readers: Readonly<Record<string, (args: EventFields) => JobEvent | null>> = {
    active: () => ({ kind: 'active' }),
    waiting: () => ({ kind: 'waiting' }),
    delayed: () => ({ kind: 'delayed' }),
    removed: () => ({ kind: 'removed' }),
    progress: ({ data }) => {
      const progress = readProgress(data);
      return progress && { kind: 'progress', progress };
    },
    completed: ({ returnvalue }) => {
      const result = readResult(returnvalue);
      return result && { kind: 'completed', result };
    },
    failed: ({ failedReason = '' }) => failed(readFailure(failedReason)),
  };
  // BullMQ tells each event a second time under the name of its job, of which its types know nothing.
  const emitter: EventEmitter = events;
  const handlers = Object.entries(readers).map(([name, read]) => {
    const handler = (args: EventFields) => {
      const event = read(args);
      if (event !== null) tell(event);
    };
    return [`${name}:${id}`, handler] as const;
  });
  for (const [name, handler] of handlers) emitter.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) emitter.off(name, handler);
  };
}

interface EventFields {
  readonly data?: unknown;
  readonly returnvalue?: unknown;
  readonly failedReason?: string;
}

function endOf({ state, result, failure }: JobStatus): JobEvent | null {
  if (state === 'completed' && result !== null) return { kind: 'completed', result };
  if ((state === 'failed' || state === 'cancelled') && failure !== null) return failed(failure);
  return null;
}

function failed(failure: Failure): JobEvent {
  return failure.code === 'CANCELLED' ? { kind: 'cancelled' } : { kind: 'failed', failure };
}

function isEnd({ kind }: JobEvent): boolean {
  return kind === 'completed' || kind === 'failed' || kind === 'cancelled' || kind === 'removed';
}
