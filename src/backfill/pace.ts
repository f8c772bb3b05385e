import type { Limits } from './run-spec.ts';

/** When the next video may be submitted, in milliseconds since 1970. */
export type Pace = number;

/** What was not used in this time is lost: no burst follows a pause. */
const BURST_MS = 1000;

export function mayGo(pace: Pace, nowMs: number): boolean {
  return pace <= nowMs;
}

/** The pace after a video of so many bytes was submitted. */
export function afterVideo(
  pace: Pace,
  bytes: number,
  { jobsPerMinute, bytesPerSecond }: Pick<Limits, 'jobsPerMinute' | 'bytesPerSecond'>,
  nowMs: number,
): Pace {
  const forJob = jobsPerMinute === null ? 0 : 60_000 / jobsPerMinute;
  const forBytes = bytesPerSecond === null ? 0 : (bytes * 1000) / bytesPerSecond;
  return Math.max(pace, nowMs - BURST_MS) + Math.max(forJob, forBytes);
}
