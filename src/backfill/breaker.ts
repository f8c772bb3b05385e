import { ERROR_KINDS, type ErrorCode } from '../domain/errors.ts';
import type { RunState } from './run-state.ts';

/**
 * What files are like by themselves: a folder of sound recordings says nothing about the machines. It takes ten times as
 * many in a row before something else than the files looks wrong, such as an FFmpeg without a decoder.
 */
const ABOUT_FILES: readonly ErrorCode[] = [
  'USAGE',
  'SOURCE_EMPTY',
  'SOURCE_TOO_LARGE',
  'SOURCE_CHANGED',
  'SOURCE_UNSUPPORTED',
  'NOT_A_VIDEO',
  'CONTAINER_DAMAGED',
  'NO_VIDEO_STREAM',
  'CODEC_UNSUPPORTED',
  'ENCRYPTED',
  'NO_FRAMES',
  'TOO_MANY_PIXELS',
  'TOO_LONG',
  'CANCELLED',
];
const PATIENCE = 10;

/** Why a run should pause: the same failure so often in a row that going on would only fail the rest. */
export function tripped({ streak, spec }: Pick<RunState, 'streak' | 'spec'>): RunState['reason'] {
  if (streak === null) return null;
  const code = streak.code as ErrorCode;
  const most = spec.limits.pauseAfter * (ABOUT_FILES.includes(code) ? PATIENCE : 1);
  if (streak.count < most) return null;
  const { advice } = ERROR_KINDS[code];
  return {
    code,
    message: `${streak.count} videos in a row failed with ${code}, the last one with: ${streak.message} ${advice}`,
  };
}
