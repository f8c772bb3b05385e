import { correlation, frameDistance } from './frame-distance.ts';
import type { FrameFeatures } from './frame-features.ts';
import { unmatchedShare } from './scene-match.ts';

/** The ends have to rest for so many steps. */
const QUIET_STEPS = 2;
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

/**
 * How well the pictures between `grid[start]` and `grid[end]` are mixes of these two, which rest and are different
 * scenes: the difference of the ends, less what isn't mixed of them. Null where they aren't.
 */
export function mixScore(grid: readonly FrameFeatures[], start: number, end: number): number | null {
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
  for (let i = 0; i < a.blocks.length; i++) {
    const difference = (a.blocks[i] as number) - (b.blocks[i] as number);
    sum += difference * difference;
  }
  return sum;
}
