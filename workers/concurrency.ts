import { AsyncFifoQueue, type Worker } from 'bullmq';

/**
 * Changes how many jobs a worker takes at the same time, at once. BullMQ's own setter alone is looked at when a job ends
 * or comes, which for long videos may be hours away: this gives its loop something that has ended.
 */
export function setConcurrency(worker: Worker, jobs: number): void {
  if (worker.concurrency === jobs) return;
  worker.concurrency = jobs;
  const loop: unknown = Reflect.get(worker, 'mainLoopQueue');
  if (loop instanceof AsyncFifoQueue) loop.add(Promise.resolve(undefined));
}
