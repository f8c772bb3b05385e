import type { Config } from '../src/domain/config.ts';
import { ERROR_KINDS, type ErrorCode, FramescribeError } from '../src/domain/errors.ts';
import type { Described, JobProgress, Payload } from '../src/queue/jobs.ts';

/** One video to describe, as the process that does it gets it. */
export type Task = Pick<Payload<'describe'>, 'source' | 'options'> & { readonly id: string };

/** What the process with the queue tells the one that describes. */
export type ToDescriber =
  | { readonly kind: 'open'; readonly config: Config }
  | { readonly kind: 'describe'; readonly task: Task }
  | { readonly kind: 'stop' };

/** What it hears back. */
export type FromDescriber =
  | { readonly kind: 'ready'; readonly model: string }
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  | { readonly kind: 'described'; readonly result: Described }
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
