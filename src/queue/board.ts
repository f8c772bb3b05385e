import { Queue } from 'bullmq';
import { JOB_RULES } from './jobs.ts';
import { connectProducer } from './redis.ts';

/** All queues as BullMQ has them, for a board that shows them. */
export interface OpenQueues extends AsyncDisposable {
  readonly queues: readonly Queue[];
}

export function openQueues(url: string, prefix: string, answerMs: number): OpenQueues {
  const redis = connectProducer(url, answerMs);
  const names = new Set(Object.values(JOB_RULES).map(({ queue }) => queue));
  const queues = [...names].map((name) => new Queue(name, { connection: redis, prefix }));
  for (const queue of queues) queue.on('error', () => {}); // What is asked of it fails.
  return {
    queues,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(queues.map((queue) => queue.close().catch(() => {})));
      redis.disconnect();
    },
  };
}
