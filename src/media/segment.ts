import type { Probe, ScannedPicture } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import type { PaceFacts } from './pace.ts';
import type { Seam } from './seam.ts';
import type { Boundary } from './shots.ts';

/** A slice of the timeline, both ends on the grid of the keyframes' windows; the last segment has no end. */
export interface Segment {
  readonly startMs: number;
  readonly endMs: number | null;
}

/** How a video is cut: what every segment has to know of the whole. */
export interface SegmentPlan {
  readonly probe: Probe;
  /** Which frames are decoded, the same in all segments. */
  readonly scan: ScanPlan;
  /** Timestamp of the first shown frame, from which time counts. */
  readonly firstPts: number;
  /** At least two, one after the other. */
  readonly segments: readonly Segment[];
}

/** A picture that is the keyframe of its shot in one window, unless a neighbouring window has a better one. */
export interface PiecePicture extends ScannedPicture {
  readonly window: number;
  readonly score: number;
}

/** What the scan of one segment found, its pictures aside. Plain numbers and texts: it can be kept as JSON. */
export interface SegmentFindings {
  /** Those whose new shot starts in the segment. */
  readonly boundaries: readonly Boundary[];
  readonly pace: PaceFacts;
  /** Around its start; null for the first segment. */
  readonly head: Seam | null;
  /** Around its end; null for the last segment. */
  readonly tail: Seam | null;
  /** Processor time of FFmpeg; null where it couldn't be had. */
  readonly decodeCpuSeconds: number | null;
}

/** What the scan of a segment tells while it runs: pictures in order of time, `end` last. */
export type SegmentEvent =
  | { readonly kind: 'progress'; readonly ticks: number }
  | { readonly kind: 'picture'; readonly picture: PiecePicture }
  | { readonly kind: 'end'; readonly findings: SegmentFindings };
