import type { PictureMeasures } from './picture.ts';
import type { Boundary } from './shots.ts';

/** Transitions farther away than this don't matter to a candidate's score. */
export const SCORE_CONTEXT_SECONDS = 1;
/** So close to a cut, a frame may still hold some of the other shot: blended, badly coded, or a frame off. */
const TOO_CLOSE_SECONDS = 0.08;
const TOO_CLOSE_FACTOR = 1e-6;
const BLANK_FACTOR = 1e-3;

/**
 * How well a picture stands for its shot; higher is better, any two can be compared. Sharpness, less towards the
 * nearest transition (down to 60%), and next to nothing for black, white or a picture within a transition, which win
 * only where there is nothing else. Depends on the picture and the transitions within a second of it alone.
 */
export function keyframeScore(
  picture: PictureMeasures,
  ticks: number,
  transitions: readonly Boundary[],
  ticksPerSecond: number,
): number {
  const distance = distanceToTransition(ticks, transitions) / ticksPerSecond;
  const clear = 0.6 + 0.4 * Math.min(1, distance / SCORE_CONTEXT_SECONDS);
  const score = (picture.sharpness + 1) * clear * (isBlank(picture) ? BLANK_FACTOR : lit(picture.brightness));
  return distance < TOO_CLOSE_SECONDS ? score * TOO_CLOSE_FACTOR : score;
}

/** 0 inside a transition. */
function distanceToTransition(ticks: number, transitions: readonly Boundary[]): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const { startTicks, endTicks } of transitions) {
    nearest = Math.min(nearest, Math.max(0, startTicks - ticks, ticks - endTicks));
  }
  return nearest;
}

function isBlank({ sharpness, brightness }: PictureMeasures): boolean {
  return brightness < 0.02 || (sharpness < 2 && (brightness < 0.1 || brightness > 0.9));
}

/** Dark pictures count less, as in the first half of a fade. */
function lit(brightness: number): number {
  return Math.min(1, 0.1 + brightness / 0.15);
}
