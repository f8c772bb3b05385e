import { z } from 'zod';
import { scanPlan } from '../domain/scan-plan.ts';
import type { Segment } from '../media/segment.ts';

/** How a video is described in segments: all that its parts have to know of each other. Fits into a job. */
export const plan = z.strictObject({
  /** Of the source's bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  /** What the result calls the source. */
  sourceName: z.string(),
  /** What the header claims of the length. */
  claimedMs: z.number().positive(),
  /** Timestamp of the first shown frame, from which time counts. */
  firstPts: z.int(),
  /** Which frames are decoded, the same in all segments. */
  scan: scanPlan,
  /** Where one segment ends and the next one starts. */
  bordersMs: z.array(z.int().positive()).min(1),
});

export type Plan = Readonly<z.infer<typeof plan>>;

/** The segments of a plan, in order of time. */
export function segmentsOf({ bordersMs }: Plan): readonly Segment[] {
  return [0, ...bordersMs].map((startMs, index) => ({ startMs, endMs: bordersMs[index] ?? null }));
}
