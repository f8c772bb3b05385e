import { FramescribeError } from '../domain/errors.ts';
import type { ScannedKeyframe, ScannedShot } from '../domain/scan.ts';
import { parseRational } from '../domain/time.ts';
import { createKeyframeChooser } from './keyframes.ts';
import { joinPaces, paceOf } from './pace.ts';
import type { Finding } from './pieces.ts';
import { isTight } from './seam.ts';
import type { PiecePicture, SegmentFindings, SegmentPlan } from './segment.ts';
import { type VideoEnd, videoEnd } from './video-end.ts';

/** A scanned segment; the caller may hang more on its pictures, such as captions. */
export interface ScannedSegment<Picture extends PiecePicture = PiecePicture> {
  readonly findings: SegmentFindings;
  /** In order of time. */
  readonly pictures: readonly Picture[];
}

export interface Joined<Picture extends PiecePicture> extends VideoEnd {
  readonly shots: readonly ScannedShot[];
  readonly keyframes: readonly (Picture & ScannedKeyframe)[];
}

/**
 * Puts the scanned segments of a video together to what a scan of the whole finds. Pure.
 *
 * @throws {FramescribeError} SEGMENT_UNFIT: where two segments meet they didn't see the same, so that one of them
 *   isn't what a scan of the whole sees.
 */
export function joinSegments<Picture extends PiecePicture>(
  plan: Omit<SegmentPlan, 'scan'>,
  windowMs: number,
  segments: readonly ScannedSegment<Picture>[],
): Joined<Picture> {
  const { probe } = plan;
  checkSeams(plan, segments);
  const claimedRate = parseRational(probe.facts.frameRate);
  const pace = paceOf(joinPaces(segments.map(({ findings }) => findings.pace)), probe.timeBase, claimedRate);
  const chooser = createKeyframeChooser<Picture>(probe.timeBase, windowMs);
  const selections = [
    chooser.take(segments.flatMap(findingsOf), pace.endTicks), //
    chooser.finish(pace.endTicks),
  ];
  return {
    shots: selections.flatMap(({ shots }) => shots),
    keyframes: selections
      .flatMap(({ chosen }) => chosen)
      .map(({ candidate, shot, sameAs }) => ({ ...candidate, shot, sameAs })),
    ...videoEnd(probe, pace, 0),
  };
}

function checkSeams(plan: Omit<SegmentPlan, 'scan'>, segments: readonly ScannedSegment[]): void {
  if (segments.length !== plan.segments.length) {
    throw new FramescribeError('INTERNAL', `Expected ${plan.segments.length} segments, got ${segments.length}`);
  }
  if (segments[0]?.findings.pace.frames === 0) {
    throw new FramescribeError('SEGMENT_UNFIT', 'Expected frames in the first segment, got none');
  }
  segments.slice(1).forEach(({ findings }, index) => {
    if (isTight(segments[index]?.findings.tail ?? null, findings.head)) return;
    const { startMs } = plan.segments[index + 1] ?? { startMs: 0 };
    throw new FramescribeError('SEGMENT_UNFIT', `Expected the same frames before and after ${startMs} ms, got others`);
  });
}

/** Boundaries and pieces in order of time; a boundary comes before the first picture of its shot. */
function findingsOf<Picture extends PiecePicture>({ findings, pictures }: ScannedSegment<Picture>) {
  const all: Finding<Picture>[] = [];
  let next = 0;
  for (const boundary of findings.boundaries) {
    for (; (pictures[next]?.ticks ?? Number.POSITIVE_INFINITY) < boundary.shotTicks; next++) {
      all.push(toFinding(pictures[next] as Picture));
    }
    all.push({ kind: 'boundary', boundary });
  }
  return [...all, ...pictures.slice(next).map(toFinding)];
}

function toFinding<Picture extends PiecePicture>(picture: Picture): Finding<Picture> {
  return { kind: 'piece', piece: { window: picture.window, candidate: picture, score: picture.score } };
}
