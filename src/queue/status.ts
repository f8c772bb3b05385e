import type { Job } from 'bullmq';
import { type Failure, readFailure } from './failure.ts';
import {
  type Described,
  described,
  describePayload,
  type JobProgress,
  PRIORITIES,
  type Priority,
  progress as progressSchema,
} from './jobs.ts';

/** `waiting` for its turn; `delayed` until the next try; the others are what they say. */
export type JobState = 'waiting' | 'active' | 'delayed' | 'completed' | 'failed' | 'cancelled';

/** What is known of one video on its way. Times are milliseconds since 1970. */
export interface JobStatus {
  readonly id: string;
  readonly state: JobState;
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: Priority;
  /** Tries that have ended. */
  readonly attempts: number;
  readonly progress: JobProgress | null;
  readonly result: Described | null;
  /** Of the last try, also while the next one is waited for. */
  readonly failure: Failure | null;
  readonly submittedMs: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
}

export function statusOf(job: Job, state: string): JobStatus {
  const { source, labels, flow } = describePayload.parse(job.data);
  const failure = job.failedReason ? readFailure(job.failedReason) : null;
  return {
    id: job.id ?? '',
    state: stateOf(state, failure, flow !== undefined),
    source,
    labels,
    priority: priorityOf(job.opts.priority ?? 0),
    attempts: job.attemptsMade,
    progress: readProgress(job.progress),
    result: readResult(job.returnvalue),
    failure,
    submittedMs: job.timestamp,
    startedMs: job.processedOn ?? null,
    endedMs: job.finishedOn ?? null,
  };
}

export function readProgress(value: unknown): JobProgress | null {
  const parsed = progressSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

export function readResult(value: unknown): Described | null {
  const parsed = described.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** A video whose segments are at work, or that waits for a worker to join them, is under way. */
function stateOf(state: string, failure: Failure | null, isCut: boolean): JobState {
  if (state === 'waiting-children' || (isCut && (state === 'waiting' || state === 'prioritized'))) return 'active';
  if (state === 'failed') return failure?.code === 'CANCELLED' ? 'cancelled' : 'failed';
  return state === 'active' || state === 'delayed' || state === 'completed' ? state : 'waiting';
}

function priorityOf(number: number): Priority {
  const names = Object.keys(PRIORITIES) as Priority[];
  return names.find((name) => PRIORITIES[name] === number) ?? 'upload';
}
