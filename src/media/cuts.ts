import { type CutMargins, cutProbability } from './cut-probability.ts';
import { correlation, frameDistance } from './frame-distance.ts';
import type { FrameFeatures } from './frame-features.ts';
import { liveShare, unmatchedShare } from './scene-match.ts';

/** A step between two frames smaller than this is never a cut, in a picture without bars … */
const LEAST_STEP = 0.2;
/** … and with bars, which don't change, this much less, but no smaller than a third. */
const LEAST_LIVE = 1 / 3;
/** With less, a frame isn't even doubtful. */
const FAINTEST_STEP = 0.04;
/** A cut's step is this many times the steps around it. */
const LEAST_RATIO = 2.6;
/** With this many times it stands alone: less doubt about what else it may be. */
const LONE_RATIO = 10;
/** A cut replaces at least this share of the picture … */
const LEAST_UNMATCHED = 0.6;
/** … or this, where it stands alone and light and dark lie elsewhere now … */
const LEAST_UNMATCHED_ALONE = 0.5;
const UNLIKE = 0.3;
/** … and nearly all of it where the step next to it is almost as large, as in a fast camera move. */
const LEAST_UNMATCHED_IN_MOTION = 0.9;
const STANDS_OUT = 1.5;
/** In a restless stretch, pictures as alike as this are one scene in changing light. */
const ALIKE = 0.85;
/** Of two changes closer than this, the larger is the cut: a shot shows for at least a tenth of a second. */
const SHORTEST_SHOT_SECONDS = 0.11;
/** Steps next to a cut of this share of it belong to it: a blended frame, a flash on the cut. */
const PART_OF_CUT = 0.25;
/** The steps around a cut are taken from so much time on either side, or from three frames, whichever is more … */
const AROUND_SECONDS = 0.25;
const AROUND_FRAMES = 3;
/** Frames are sparse where they're farther apart than this. */
const SPARSE_SECONDS = 0.11;
/** … but never from farther away than this. A light is back to what it was within this time after a flash, too. */
export const CUT_CONTEXT_SECONDS = 0.5;

/**
 * Whether a new shot starts at `frames[at]`, told from the frames up to half a second before and after it:
 * the step there is large, stands out from those around it, and the picture isn't the old one moved or lit anew.
 */
export function isCut(frames: readonly FrameFeatures[], at: number, ticksPerSecond: number): boolean {
  const before = frames[at - 1];
  const after = frames[at];
  if (!before || !after || after.step < LEAST_STEP * LEAST_LIVE || before.blank || after.blank) return false;
  const ratio = stepRatio(frames, at, ticksPerSecond);
  return (
    ratio >= LEAST_RATIO &&
    isPeak(frames, at, SHORTEST_SHOT_SECONDS * ticksPerSecond) &&
    after.step >= LEAST_STEP * liveShare(before, after) &&
    newness(frames, at, ratio, ticksPerSecond).margin >= 0 &&
    !isFlash(frames, at, ticksPerSecond)
  );
}

/** What speaks for a cut at a frame, all of it, whether or not some of it decides alone. */
export interface CutEvidence {
  /** The step over those around it. */
  readonly ratio: number;
  /** The share of the picture that isn't found in the one before. */
  readonly unmatched: number;
  readonly margins: CutMargins;
  /** That a new shot starts here: a half or more is a cut. */
  readonly probability: number;
}

/** Evidence for a frame that may be a cut by a stretch; null where its step is too small for that, or not the largest. */
export function cutEvidence(frames: readonly FrameFeatures[], at: number, ticksPerSecond: number): CutEvidence | null {
  const before = frames[at - 1];
  const after = frames[at];
  if (!before || !after || after.step < FAINTEST_STEP || before.blank || after.blank) return null;
  if (!isPeak(frames, at, SHORTEST_SHOT_SECONDS * ticksPerSecond)) return null;
  const ratio = stepRatio(frames, at, ticksPerSecond);
  const { margin, unmatched } = newness(frames, at, ratio, ticksPerSecond);
  const share = Math.max(LEAST_LIVE, liveShare(before, after));
  const margins = {
    step: Math.log(after.step / (LEAST_STEP * share)),
    ratio: Math.log(ratio / LEAST_RATIO),
    newness: margin,
    isFlash: isFlash(frames, at, ticksPerSecond),
  };
  return { ratio, unmatched, margins, probability: cutProbability(margins) };
}

function stepRatio(frames: readonly FrameFeatures[], at: number, ticksPerSecond: number): number {
  return (frames[at]?.step ?? 0) / Math.max(0.001, stepsAround(frames, at, ticksPerSecond));
}

/** How far the picture is from being the old one: how much of it can't be matched, beyond what a cut needs. */
function newness(frames: readonly FrameFeatures[], at: number, ratio: number, ticksPerSecond: number) {
  const before = frames[at - 1] as FrameFeatures;
  const after = frames[at] as FrameFeatures;
  const likeness = correlation(before, after);
  const isAlone = ratio >= LONE_RATIO;
  const usual = isAlone && likeness < UNLIKE ? LEAST_UNMATCHED_ALONE : LEAST_UNMATCHED;
  const next = Math.max(before.step, frames[at + 1]?.step ?? 0);
  const least = after.step >= STANDS_OUT * next ? usual : LEAST_UNMATCHED_IN_MOTION;
  const unmatched = unmatchedShare(before, after);
  if (ratio < LONE_RATIO / 2 && likeness > ALIKE)
    return { margin: Math.min(unmatched - least, ALIKE - likeness), unmatched };
  if (unmatched >= least || !isAlone) return { margin: unmatched - least, unmatched };
  const beyond = unmatchedShare(edge(frames, at, -1, ticksPerSecond), edge(frames, at, 1, ticksPerSecond));
  return { margin: Math.max(unmatched, beyond) - least, unmatched };
}

/** The nearest frame before or after a cut that isn't part of the change itself. */
function edge(frames: readonly FrameFeatures[], at: number, direction: 1 | -1, ticksPerSecond: number): FrameFeatures {
  const { ticks, step } = frames[at] as FrameFeatures;
  const farthest = SHORTEST_SHOT_SECONDS * ticksPerSecond;
  let i = direction < 0 ? at - 1 : at;
  for (;;) {
    const far = frames[i + direction];
    const between = direction < 0 ? frames[i] : far;
    if (!far || !between || Math.abs(far.ticks - ticks) > farthest || between.step < PART_OF_CUT * step) break;
    i += direction;
  }
  return frames[i] as FrameFeatures;
}

function isPeak(frames: readonly FrameFeatures[], at: number, ticks: number): boolean {
  const { ticks: now, step } = frames[at] as FrameFeatures;
  for (let i = at - 1; i > 0; i--) {
    const frame = frames[i] as FrameFeatures;
    if (now - frame.ticks >= ticks) break;
    if (frame.step >= step) return false;
  }
  for (let i = at + 1; i < frames.length; i++) {
    const frame = frames[i] as FrameFeatures;
    if (frame.ticks - now >= ticks) break;
    if (frame.step > step) return false;
  }
  return true;
}

/**
 * The usual step around a frame: the mean without the largest on either side, as the next cut may be near. Where frames are so
 * far apart that several of the few around may be cuts, the mean of the least third.
 */
function stepsAround(frames: readonly FrameFeatures[], at: number, ticksPerSecond: number): number {
  const sides = [-1, 1].map((direction) => stepsBeside(frames, at, direction, ticksPerSecond));
  const steps = sides.flatMap((side) => (side.isSparse ? side.steps : withoutLargest(side.steps)));
  const isSparse = sides.some((side) => side.isSparse);
  const counted = isSparse ? steps.sort((one, other) => one - other).slice(0, Math.ceil(steps.length / 3)) : steps;
  return counted.length > 0 ? counted.reduce((sum, step) => sum + step, 0) / counted.length : 0;
}

function stepsBeside(frames: readonly FrameFeatures[], at: number, direction: number, ticksPerSecond: number) {
  const { ticks } = frames[at] as FrameFeatures;
  const steps: number[] = [];
  let farthest = 0;
  for (let i = at + direction, n = 1; i > 0 && i < frames.length; i += direction, n++) {
    const seconds = Math.abs((frames[i] as FrameFeatures).ticks - ticks) / ticksPerSecond;
    if (seconds > CUT_CONTEXT_SECONDS || (seconds > AROUND_SECONDS && n > AROUND_FRAMES)) break;
    steps.push((frames[i] as FrameFeatures).step);
    farthest = seconds;
  }
  return { steps, isSparse: farthest / steps.length > SPARSE_SECONDS };
}

function withoutLargest(steps: readonly number[]): readonly number[] {
  const largest = steps.indexOf(Math.max(...steps));
  return steps.filter((_, index) => index !== largest);
}

/**
 * Whether the old picture comes back at once (or the new one was there a moment ago), and what lies between is only
 * that picture in another light, or too short for a shot. Judged by time, so that dropped frames don't matter.
 */
function isFlash(frames: readonly FrameFeatures[], at: number, ticksPerSecond: number): boolean {
  return excursion(frames, at - 1, 1, at, ticksPerSecond) || excursion(frames, at, -1, at, ticksPerSecond);
}

function excursion(
  frames: readonly FrameFeatures[],
  home: number,
  direction: 1 | -1,
  at: number,
  ticksPerSecond: number,
): boolean {
  const from = frames[home] as FrameFeatures;
  const { step } = frames[at] as FrameFeatures;
  const first = home + direction;
  let onlyLight = true;
  for (let i = first; i > 0 && i < frames.length; i += direction) {
    const frame = frames[i] as FrameFeatures;
    // What lies between shows from its first frame until the one after its last.
    const [since, until] = direction === 1 ? [frames[first], frame] : [frames[i + 1], from];
    const away = ((until as FrameFeatures).ticks - (since as FrameFeatures).ticks) / ticksPerSecond;
    if (away > CUT_CONTEXT_SECONDS - 0.05) return false;
    if (i !== first && frameDistance(from, frame) < 0.5 * step && unmatchedShare(from, frame) < 0.35) {
      return onlyLight || away < SHORTEST_SHOT_SECONDS;
    }
    onlyLight &&= isRelit(from, frame);
  }
  return false;
}

/** Brighter or darker, and either still alike or burnt out. */
function isRelit(from: FrameFeatures, frame: FrameFeatures): boolean {
  const light = Math.abs(frame.luma - from.luma);
  return light > 12 && (frame.blank || frame.luma > 215 || correlation(from, frame) > 0.5);
}
