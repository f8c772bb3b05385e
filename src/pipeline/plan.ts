import { z } from 'zod';
import { scanPlan } from '../domain/scan-plan.ts';
import type { Segment } from '../media/segment.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** How a video is described in segments: all that its parts have to know of each other. Fits into a job. */
export const plan = z.strictObject({
  /** Of the source's bytes. */
  sha256,
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

/** Many small ones take longer than all of the source. */
export const MOST_PARTS = 16;
export const LONGEST_REVISION = 256;

/** The bytes of a source by which one of its segments can be scanned as if all were there. Fits into a job. */
export const reach = z.strictObject({
  /** Of the source, by its server. */
  revision: z.string().min(1).max(LONGEST_REVISION),
  /** What a look at these bytes has to find. */
  probe: sha256,
  parts: z
    .array(z.strictObject({ startBytes: z.int().min(0), endBytes: z.int().positive(), sha256 }))
    .min(1)
    .max(MOST_PARTS),
});

export type Reach = Readonly<z.infer<typeof reach>>;

/** The segments of a plan, in order of time. */
export function segmentsOf({ bordersMs }: Plan): readonly Segment[] {
  return [0, ...bordersMs].map((startMs, index) => ({ startMs, endMs: bordersMs[index] ?? null }));
}
