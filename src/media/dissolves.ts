import { mixScore } from './dissolve-mix.ts';
import type { FrameFeatures } from './frame-features.ts';
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
/** Pictures are looked at so long after its end: two steps. */
export const QUIET_SECONDS = 0.3;
/** Of dissolves whose middles are closer than this, the best fit is kept. */
const RIVAL_SECONDS = 0.4;
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
