import { ERROR_KINDS, type ErrorCode, type FramescribeError } from '../domain/errors.ts';

/** Why a job has no result. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** The one line that Redis keeps of a failure: `SOURCE_EMPTY: Expected a video, …`. */
export function writeFailure({ code, message }: FramescribeError): string {
  return `${code}: ${message}`;
}

/** Reads that line back. BullMQ's own lines, about workers that died, get a code of ours. */
export function readFailure(line: string): Failure {
  const [, word = '', rest = ''] = /^([A-Z_]+): (.*)$/s.exec(line) ?? [];
  if (isCode(word)) return { code: word, message: rest, retryable: ERROR_KINDS[word].retryable };
  const code = /stalled/.test(line) ? 'WORKER_LOST' : 'INTERNAL';
  return { code, message: line, retryable: ERROR_KINDS[code].retryable };
}

function isCode(word: string): word is ErrorCode {
  return Object.hasOwn(ERROR_KINDS, word);
}
