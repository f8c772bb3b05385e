import { correlation, frameDistance } from './frame-distance.ts';
import type { FrameFeatures } from './frame-features.ts';
import { unmatchedShare } from './scene-match.ts';
import type { Boundary } from './shots.ts';

export interface DissolveTracker {
  /** Looks for a dissolve that ends at `grid[at]`, with the two seconds before it and `QUIET_SECONDS` after it. */
  visit(grid: readonly FrameFeatures[], at: number): void;
  /** The dissolves that nothing after `now` can rival. */
  settle(now: number): Boundary[];
}

/** A stretch whose pictures are mixes of its two ends. */
interface Dissolve extends Boundary {
  /** How well it fits. */
  readonly score: number;
}

/** Dissolves are looked at on frames about so far apart … */
export const GRID_SECONDS = 0.08;
/** … that span so many of these steps, and no more time than this. */
const SPANS = [2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 24];
const LONGEST_SECONDS = 2;
/** Where frames are farther apart than this there is nothing to see of a mix. */
const WIDEST_GAP_SECONDS = 0.25;
/** The ends have to rest for so many steps. */
const QUIET_STEPS = 2;
export const QUIET_SECONDS = 0.3;
/** Of dissolves whose middles are closer than this, the best fit is kept. */
const RIVAL_SECONDS = 0.4;
/** The ends differ by so much, root mean square of the block means. */
const LEAST_STRENGTH = 9;
/** Of the difference between the ends: what a picture may have that is neither's, as people and cameras move … */
const MOST_RESIDUE = 0.45;
/** … on average, in a calm stretch … */
const CALM_RESIDUE = 0.2;
/** … and where the mix rises very evenly. */
const MOST_MEAN_RESIDUE = 0.32;
const STEADY = 0.12;
/** How far the mix may be from rising evenly. */
const MOST_UNEVEN = 0.25;
/** How far it may go on outside the ends. */
const MOST_RESTLESS = 0.12;
/** How far a picture outside may have moved from the end next to it. */
const MOST_MOVED = 0.8;
const LEAST_UNMATCHED = 0.65;
const LEAST_UNMATCHED_HALFWAY = 0.4;
/** A camera's automatic exposure changes Y by so much in the time of a dissolve. */
const EXPOSURE = 36;
/** A mix shorter than this, such as one blended frame, is a soft cut. */
const SOFT_CUT_SECONDS = 0.2;

/**
 * Finds dissolves: stretches where each picture is (1 − α)·a + α·b of the pictures at the ends, with α rising evenly
 * from 0 to 1, as a film's dissolve is made, and where a and b rest and are different scenes.
 */
export function createDissolveTracker(ticksPerSecond: number): DissolveTracker {
  const rivalTicks = RIVAL_SECONDS * ticksPerSecond;
  const lateTicks = rivalTicks + (LONGEST_SECONDS / 2 + QUIET_SECONDS) * ticksPerSecond;
  let open: Dissolve[] = [];
  let decided = Number.NEGATIVE_INFINITY;
  return {
    visit(grid, at) {
      const dissolve = dissolveEndingAt(grid, at, ticksPerSecond);
      if (dissolve) open.push(dissolve);
    },
    settle(now) {
      const until = now - lateTicks;
      const isRival = (one: Dissolve, other: Dissolve) => Math.abs(one.shotTicks - other.shotTicks) <= rivalTicks;
      const best = open.filter(
        (one) =>
          one.shotTicks > decided &&
          one.shotTicks <= until &&
          open.every((other) => one === other || !isRival(one, other) || beats(one, other)),
      );
      decided = until;
      open = open.filter((one) => one.shotTicks > until - rivalTicks);
      return best.map(({ score, ...boundary }) => boundary);
    },
  };
}

function beats(one: Dissolve, other: Dissolve): boolean {
  return one.score > other.score || (one.score === other.score && one.endTicks < other.endTicks);
}

/** The best dissolve that ends at `grid[end]`, or null. */
function dissolveEndingAt(grid: readonly FrameFeatures[], end: number, ticksPerSecond: number): Dissolve | null {
  let best: Dissolve | null = null;
  for (const span of SPANS) {
    const start = end - span;
    if (start < 1 || end + 1 >= grid.length || !isDense(grid, start, end, ticksPerSecond)) break;
    const score = mixScore(grid, start, end);
    if (score === null || score <= (best?.score ?? 0)) continue;
    const startTicks = (grid[start] as FrameFeatures).ticks;
    const endTicks = (grid[end] as FrameFeatures).ticks;
    const middle = (startTicks + endTicks) / 2;
    const shotTicks = grid.find((frame) => frame.ticks >= middle)?.ticks ?? endTicks;
    const transition = endTicks - startTicks <= SOFT_CUT_SECONDS * ticksPerSecond ? 'cut' : 'dissolve';
    best = { startTicks, endTicks, transition, shotTicks, score };
  }
  return best;
}

function isDense(grid: readonly FrameFeatures[], start: number, end: number, ticksPerSecond: number): boolean {
  const ticksAt = (i: number) => (grid[i] as FrameFeatures).ticks;
  if (ticksAt(end) - ticksAt(start) > LONGEST_SECONDS * ticksPerSecond) return false;
  for (let i = start + 1; i <= end; i++) {
    if (ticksAt(i) - ticksAt(i - 1) > WIDEST_GAP_SECONDS * ticksPerSecond) return false;
  }
  return true;
}

/** Null where the pictures between aren't mixes of the ends. */
function mixScore(grid: readonly FrameFeatures[], start: number, end: number): number | null {
  const a = grid[start] as FrameFeatures;
  const b = grid[end] as FrameFeatures;
  const span = squaredDistance(a, b);
  const strength = Math.sqrt(span / a.blocks.length);
  if (strength < LEAST_STRENGTH || isFaint(a) || isFaint(b)) return null;
  let lastShare = 0;
  let unevenness = 0;
  let residues = 0;
  for (let i = start + 1; i < end; i++) {
    const { share, residue } = mixOf(a, b, grid[i] as FrameFeatures, span);
    const expected = ((grid[i] as FrameFeatures).ticks - a.ticks) / (b.ticks - a.ticks);
    unevenness = Math.max(unevenness, Math.abs(share - expected));
    if (residue > MOST_RESIDUE || share < lastShare - 0.05 || unevenness > MOST_UNEVEN) return null;
    lastShare = share;
    residues += residue;
  }
  const residue = residues / (end - start - 1);
  const isSteady = unevenness <= STEADY && residue <= MOST_MEAN_RESIDUE;
  if (residue > CALM_RESIDUE && !isSteady) return null;
  for (let i = 1; i <= QUIET_STEPS; i++) {
    const before = grid[start - i];
    const after = grid[end + i];
    if (before && !isResting(mixOf(a, b, before, span))) return null;
    if (after && !isResting(mixOf(b, a, after, span))) return null;
  }
  return isNewScene(a, grid[(start + end) >> 1] as FrameFeatures, b) ? strength * (1 - 2 * residue - unevenness) : null;
}

function isResting({ share, residue }: Mix): boolean {
  return Math.abs(share) <= MOST_RESTLESS && residue <= MOST_MOVED;
}

/** Whether `b` is more than `a` moved or lit anew, and so is the picture between them for one of the two. */
function isNewScene(a: FrameFeatures, middle: FrameFeatures, b: FrameFeatures): boolean {
  if (frameDistance(a, b) < 0.25 || isRelit(a, b) || unmatchedShare(a, b, EXPOSURE) < LEAST_UNMATCHED) return false;
  return (
    unmatchedShare(a, middle, EXPOSURE) >= LEAST_UNMATCHED_HALFWAY ||
    unmatchedShare(middle, b, EXPOSURE) >= LEAST_UNMATCHED_HALFWAY
  );
}

/** A picture at the dark or bright end of a fade, too flat to be a scene. */
function isFaint({ blank, spread, luma }: FrameFeatures): boolean {
  return blank || (spread < 6 && luma < 60) || luma > 215;
}

/** Whether one picture is the other in another light, or faded towards black or white. */
function isRelit(a: FrameFeatures, b: FrameFeatures): boolean {
  const likeness = correlation(a, b);
  const faded = Math.min(a.spread, b.spread) < 0.3 * Math.max(a.spread, b.spread);
  return likeness > (faded ? 0.6 : 0.88);
}

interface Mix {
  readonly share: number;
  readonly residue: number;
}

/** The share of `b` in a picture, and what of it is neither `a` nor `b` (relative to their distance). */
function mixOf(a: FrameFeatures, b: FrameFeatures, frame: FrameFeatures, span: number): Mix {
  let product = 0;
  let squares = 0;
  for (let i = 0; i < a.blocks.length; i++) {
    const from = (frame.blocks[i] ?? 0) - (a.blocks[i] ?? 0);
    product += from * ((b.blocks[i] ?? 0) - (a.blocks[i] ?? 0));
    squares += from * from;
  }
  const share = product / span;
  return { share, residue: Math.sqrt(Math.max(0, squares / span - share * share)) };
}

function squaredDistance(a: FrameFeatures, b: FrameFeatures): number {
  let sum = 0;
  for (let i = 0; i < a.blocks.length; i++) sum += ((a.blocks[i] ?? 0) - (b.blocks[i] ?? 0)) ** 2;
  return sum;
}
