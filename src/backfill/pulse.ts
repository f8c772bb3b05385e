import { z } from 'zod';

/** How many ended in each slice of time of the last minutes, the oldest first. */
export const pulse = z.array(z.strictObject({ fromMs: z.number(), ended: z.int().min(0) }));
export type Pulse = z.infer<typeof pulse>;

const SLICE_MS = 10_000;
const WINDOW_MS = 600_000;

export function addEnds(slices: Pulse, endedMs: number): Pulse {
  const fromMs = Math.floor(endedMs / SLICE_MS) * SLICE_MS;
  const found = slices.find((slice) => slice.fromMs === fromMs);
  const others = slices.filter((slice) => slice !== found && slice.fromMs > fromMs - WINDOW_MS);
  return [...others, { fromMs, ended: (found?.ended ?? 0) + 1 }].sort((a, b) => a.fromMs - b.fromMs);
}

/** Ends an hour, by the last minutes of a run that has gone on since some time; null where too little is known. */
export function perHour(slices: Pulse, sinceMs: number, nowMs: number): number | null {
  const startMs = Math.max(sinceMs, nowMs - WINDOW_MS);
  const ended = slices.filter(({ fromMs }) => fromMs + SLICE_MS > startMs).reduce((sum, slice) => sum + slice.ended, 0);
  const tookMs = nowMs - startMs;
  return ended === 0 || tookMs < 1000 ? null : (ended * 3_600_000) / tookMs;
}
