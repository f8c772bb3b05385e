import type { Job } from 'bullmq';
import type { JobType } from '../src/queue/jobs.ts';

/** What a log and the metrics tell of one try at a job. Ids only: a source may say too much. */
export interface JobFacts {
  readonly type: JobType;
  readonly id: string;
  /** The `describe` job that the try works for: itself, its parent, or the one that a callback tells of. */
  readonly video: string;
  /** The first try is 1; a try that a worker died over counts. */
  readonly attempt: number;
  /** From when it was submitted until a worker took it; null for a further try. */
  readonly waitMs: number | null;
  /** Since a worker took it. */
  readonly workMs: number;
}

export function factsOf(type: JobType, job: Job): JobFacts {
  const { id = '', parent, timestamp, attemptsStarted, processedOn } = job;
  const takenMs = processedOn ?? Date.now();
  const video = type === 'notify' ? String(job.data?.job ?? id) : (parent?.id ?? id);
  return {
    type,
    id,
    video,
    attempt: attemptsStarted,
    waitMs: attemptsStarted > 1 ? null : Math.max(0, takenMs - timestamp),
    workMs: Math.max(0, (job.finishedOn || Date.now()) - takenMs),
  };
}
