import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { JOB_RULES, type QueueName } from './jobs.ts';

const STATES = ['waiting', 'active', 'delayed', 'waiting-children', 'completed', 'failed'] as const;
export type BacklogState = (typeof STATES)[number];

/** What there is in one queue. A cancelled job counts as failed; segments count with the videos. */
export interface Backlog {
  readonly type: QueueName;
  readonly counts: Readonly<Record<BacklogState, number>>;
  /** When the job that has waited longest was submitted, in milliseconds since 1970; null where none waits. */
  readonly oldestMs: number | null;
}

/** Reads what there is in the queues. */
export interface BacklogReader {
  read(): Promise<readonly Backlog[]>;
  close(): Promise<void>;
}

export function openBacklog(redis: Redis, prefix: string): BacklogReader {
  const types = [...new Set(Object.values(JOB_RULES).map(({ queue }) => queue))];
  const queues = types.map((type) => ({ type, queue: new Queue(type, { connection: redis, prefix }) }));
  for (const { queue } of queues) queue.on('error', () => {}); // The reading fails; that is enough.
  return {
    read: () => Promise.all(queues.map(({ type, queue }) => readOne(type, queue))),
    close: async () => {
      await Promise.all(queues.map(({ queue }) => queue.close().catch(() => {})));
    },
  };
}

async function readOne(type: QueueName, queue: Queue): Promise<Backlog> {
  const [counted, uploads, catalogue] = await Promise.all([
    queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'waiting-children', 'completed', 'failed'),
    queue.getJobs(['waiting'], 0, 0, true),
    queue.getJobs(['prioritized'], 0, 0, true),
  ]);
  const of = (state: string) => counted[state] ?? 0;
  const counts = Object.fromEntries(STATES.map((state) => [state, of(state)])) as Record<BacklogState, number>;
  counts.waiting += of('prioritized');
  const times = [...uploads, ...catalogue].map(({ timestamp }) => timestamp);
  return { type, counts, oldestMs: times.length === 0 ? null : Math.min(...times) };
}
