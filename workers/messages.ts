import type { Config } from '../src/domain/config.ts';
import { ERROR_KINDS, type ErrorCode, FramescribeError } from '../src/domain/errors.ts';
import type { Measures } from '../src/domain/run.ts';
import type { JobProgress, Payload } from '../src/queue/jobs.ts';
import type { JoinOutcome } from './describe-parts.ts';
import type { DescribeOutcome } from './describe-source.ts';

/** One video to describe, as the process that does it gets it. */
export type Task = Pick<Payload<'describe'>, 'source' | 'options' | 'labels' | 'flow'> & {
  readonly id: string;
  /** The name of its result. */
  readonly name: string;
};

/** One segment of a video. */
export type SegmentTask = Payload<'segment'>;

/** What the process with the queue tells the one that describes. */
export type ToDescriber =
  | { readonly kind: 'open'; readonly config: Config }
  | { readonly kind: 'describe'; readonly task: Task }
  | { readonly kind: 'segment'; readonly task: SegmentTask }
  | { readonly kind: 'forget'; readonly task: SegmentTask }
  /** The rest of a cut video, from its segments. */
  | { readonly kind: 'join'; readonly task: Task }
  | { readonly kind: 'stop' };

/** How the process that describes is. */
export interface Vitals {
  readonly memoryBytes: number;
  /** Of the programs that it has started. */
  readonly ffmpegMemoryBytes: number;
  readonly cpuMs: number;
  /** Of programs that have ended; null where the system doesn't tell. */
  readonly ffmpegCpuMs: number | null;
  readonly tempBytes: number;
}

/** What it hears back. */
export type FromDescriber =
  | { readonly kind: 'ready'; readonly model: string }
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  /** A small picture of the video at hand, in Base64. */
  | { readonly kind: 'preview'; readonly jpeg: string }
  /** What a task took, also one that failed; `videoMs` of the timeline are described now. Comes before the answer. */
  | { readonly kind: 'measured'; readonly measures: Measures; readonly videoMs: number }
  /** Now and then, whatever it does. */
  | { readonly kind: 'vitals'; readonly vitals: Vitals }
  /** The store is away, and waited for. */
  | { readonly kind: 'trouble'; readonly reason: string }
  | DescribeOutcome
  | JoinOutcome
  | { readonly kind: 'kept' | 'forgotten' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

export function toFailed(error: unknown): FromDescriber {
  const { code, message } = FramescribeError.from(error);
  return { kind: 'failed', code, message };
}

export function fromFailed({
  code,
  message,
}: {
  readonly code: ErrorCode;
  readonly message: string;
}): FramescribeError {
  return new FramescribeError(Object.hasOwn(ERROR_KINDS, code) ? code : 'INTERNAL', message);
}
