import type { Rational } from '../domain/time.ts';
import { createBlankTracker, FADE_SECONDS } from './blanks.ts';
import { CUT_CONTEXT_SECONDS, isCut } from './cuts.ts';
import { createDissolveTracker, GRID_SECONDS, QUIET_SECONDS } from './dissolves.ts';
import { describeFrame, emptyFeatures, type FrameFeatures } from './frame-features.ts';
import { type FrameStats, frameStats } from './frame-stats.ts';
import type { TinyFrame } from './frames.ts';
import { LONGEST_RUN } from './scan-plan.ts';

/** Where one shot gives way to the next. All times are in the video's time base, from the first shown frame. */
export interface Boundary {
  /** The transition covers `[startTicks, endTicks]`; for a cut both are the first frame of the new shot, as near as decoded frames tell. */
  readonly startTicks: number;
  readonly endTicks: number;
  readonly transition: 'cut' | 'fade' | 'dissolve';
  /** Where the new shot starts: a cut's first frame, the middle of a dissolve, the darkest point of a fade. */
  readonly shotTicks: number;
}

export interface ShotDetector {
  /** Takes the next frame (its bytes are copied); tells the boundaries that became certain, in order of time. */
  push(frame: TinyFrame): readonly Boundary[];
  /** After the last frame: the boundaries still in doubt. */
  finish(): readonly Boundary[];
  /** Boundaries that are yet to come start at this tick or later. */
  readonly settledTicks: number;
  /** Nothing but black or white so far: where it ends depends on whether anything was before it. */
  readonly isBlankSoFar: boolean;
}

/** The detector is never farther behind the newest frame than this. */
export const SHOT_LAG_SECONDS = 2.7;
/** How far back decisions may look, counted from the newest frame. */
const WINDOW_SECONDS = 4.5;
/** Two boundaries closer than this are one. */
const NEAR_SECONDS = 0.11;
/** Where two boundaries overlap, the first of these wins. */
const PRECEDENCE = ['fade', 'cut', 'dissolve'] as const;

export interface ShotDetectorOptions {
  /** The first frame isn't the video's: a scene was there before it. */
  readonly startsInside?: boolean;
  /** From one of the video's frames to the next, where some aren't decoded. */
  readonly sparseStepTicks?: number | undefined;
  /** Is told of each frame in turn, where anybody wants to know: it costs as much as the rest. */
  readonly onStats?: ((stats: FrameStats) => void) | undefined;
}

/**
 * Finds shot boundaries in a stream of tiny frames. Whatever it decides depends only on the frames less than three
 * seconds away, so that a segment with that much context gets the boundaries that the whole video gets.
 */
export function createShotDetector(
  timeBase: Rational,
  { startsInside = false, sparseStepTicks, onStats }: ShotDetectorOptions = {},
): ShotDetector {
  const ticksPerSecond = timeBase.den / timeBase.num;
  const gridTicks = GRID_SECONDS * ticksPerSecond;
  const blanks = createBlankTracker(ticksPerSecond, startsInside);
  const dissolves = createDissolveTracker(ticksPerSecond);
  const frames: FrameFeatures[] = [];
  const grid: FrameFeatures[] = [];
  const spare: FrameFeatures[] = [];
  const next = { cut: 0, blank: 0, dissolve: 0 };
  let found: Boundary[] = [];
  /** Where the last boundary that was handed out ends. */
  let releasedTicks = -1;
  let settledTicks = 0;
  let isBlankSoFar = true;

  return {
    push(frame) {
      const before = frames.at(-1);
      const features = spare.pop() ?? emptyFeatures();
      describeFrame(frame, before, features);
      frames.push(features);
      isBlankSoFar &&= features.blank;
      if (!before || Math.floor(frame.ticks / gridTicks) > Math.floor(before.ticks / gridTicks)) grid.push(features);
      decide(frame.ticks);
      forget(frame.ticks - WINDOW_SECONDS * ticksPerSecond);
      return release(Math.max(0, Math.floor(frame.ticks - SHOT_LAG_SECONDS * ticksPerSecond)));
    },
    finish() {
      decide(Number.POSITIVE_INFINITY);
      return release((frames.at(-1)?.ticks ?? 0) + 1);
    },
    get settledTicks() {
      return settledTicks;
    },
    get isBlankSoFar() {
      return isBlankSoFar;
    },
  };

  /** Decides about every frame whose surroundings are known now. */
  function decide(now: number): void {
    const isKnown = (frame: FrameFeatures | undefined, contextSeconds: number) =>
      frame !== undefined && frame.ticks + contextSeconds * ticksPerSecond < now;
    for (; isKnown(frames[next.cut], CUT_CONTEXT_SECONDS); next.cut++) {
      const { ticks } = frames[next.cut] as FrameFeatures;
      onStats?.(frameStats(frames, next.cut, ticksPerSecond));
      if (isCut(frames, next.cut, ticksPerSecond)) {
        const cutTicks = ticks - backToMiddle(ticks - (frames[next.cut - 1]?.ticks ?? ticks), sparseStepTicks);
        found.push({ startTicks: cutTicks, endTicks: cutTicks, transition: 'cut', shotTicks: cutTicks });
      }
    }
    for (; isKnown(frames[next.blank], FADE_SECONDS); next.blank++) {
      const boundary = blanks.visit(frames, next.blank);
      if (boundary) found.push(boundary);
    }
    for (; isKnown(grid[next.dissolve], QUIET_SECONDS); next.dissolve++) dissolves.visit(grid, next.dissolve);
    found.push(...dissolves.settle(now));
  }

  /** Drops what no decision looks at any more; its buffers are used again. */
  function forget(beforeTicks: number): void {
    const isOld = (list: readonly FrameFeatures[]) => (list[0]?.ticks ?? beforeTicks) < beforeTicks;
    while (isOld(grid)) {
      grid.shift();
      next.dissolve--;
    }
    // The next decisions need the frame before theirs, however long ago it was.
    while (isOld(frames) && Math.min(next.cut, next.blank) > 1) {
      spare.push(frames.shift() as FrameFeatures);
      next.cut--;
      next.blank--;
    }
  }

  /** Hands out, in order, the boundaries that start before `ticks`. */
  function release(ticks: number): readonly Boundary[] {
    settledTicks = Math.max(settledTicks, ticks);
    if (found.length === 0) return [];
    const due = withoutOverlaps(found, NEAR_SECONDS * ticksPerSecond)
      .filter((one) => one.startTicks < ticks && one.shotTicks > releasedTicks)
      .map((one) => ({ ...one, startTicks: Math.max(one.startTicks, releasedTicks + 1) }))
      .sort((one, other) => one.shotTicks - other.shotTicks);
    found = found.filter((one) => one.startTicks >= ticks);
    releasedTicks = due.at(-1)?.endTicks ?? releasedTicks;
    return due;
  }
}

/**
 * How far, in ticks, the middle of the row of B-frames that were left out lies before a shot's first decoded frame: any of
 * them may be the shot's first. 0 where the gap is longer than a row of B-frames, as a frame stood still then.
 */
function backToMiddle(gapTicks: number, stepTicks: number | undefined): number {
  if (stepTicks === undefined) return 0;
  const steps = Math.round(gapTicks / stepTicks);
  return steps > LONGEST_RUN + 1 ? 0 : Math.trunc((steps - 1) / 2) * stepTicks;
}

function withoutOverlaps(boundaries: readonly Boundary[], nearTicks: number): Boundary[] {
  const kept: Boundary[] = [];
  for (const one of boundaries.toSorted(byPrecedence)) {
    const isClear = (other: Boundary) =>
      one.startTicks > other.endTicks + nearTicks || other.startTicks > one.endTicks + nearTicks;
    if (kept.every(isClear)) kept.push(one);
  }
  return kept;
}

function byPrecedence(one: Boundary, other: Boundary): number {
  const rank = PRECEDENCE.indexOf(one.transition) - PRECEDENCE.indexOf(other.transition);
  return rank || one.shotTicks - other.shotTicks || one.startTicks - other.startTicks;
}
