import { frameDistance } from './frame-distance.ts';
import { copyFeatures, type FrameFeatures } from './frame-features.ts';
import { unmatchedShare } from './scene-match.ts';
import type { Boundary } from './shots.ts';

/** How far a fade is followed on either side of the blank picture. */
export const FADE_SECONDS = 1;
/** A blank stretch longer than this belongs to the shot before it, but for its last half second. */
const LONG_BLANK_SECONDS = 1;
/** Two looks at a flank so far apart tell a cut to black from a fade. */
const FLANK_SECONDS = 0.3;
/** A blank shorter than this between pictures of one scene is a flash or a dropout. */
const FLASH_SECONDS = 0.5;

export interface BlankTracker {
  /** Looks at `frames[at]`, with a second of frames before and after it; tells the boundary that it completes. */
  visit(frames: readonly FrameFeatures[], at: number): Boundary | null;
}

interface BlankRun {
  readonly startTicks: number;
  /** Null where the video starts blank. */
  readonly out: Flank | null;
}

/** How a scene goes over to blank, or comes from it. */
interface Flank {
  readonly hard: boolean;
  /** Where it is still, or again, itself. */
  readonly scene: FrameFeatures;
  /** The frame next to the blank. */
  readonly nearest: FrameFeatures;
}

/** Finds what lies around black or white: fades through it, cuts to and from it; told from flashes and dropouts. */
export function createBlankTracker(ticksPerSecond: number, startsInside: boolean): BlankTracker {
  let run: BlankRun | null = null;
  return {
    visit(frames, at) {
      const frame = frames[at] as FrameFeatures;
      const before = frames[at - 1];
      if (frame.blank && !run) {
        const unseen = startsInside ? { hard: true, scene: frame, nearest: frame } : null;
        const out = before ? flank(frames, at, -1, ticksPerSecond) : unseen;
        run = { startTicks: frame.ticks, out: out && copyFlank(out) };
      }
      if (frame.blank || !run) return null;
      const { startTicks, out } = run;
      run = null;
      return out ? boundaryAt(frames, at, startTicks, out, ticksPerSecond) : null;
    },
  };
}

function boundaryAt(
  frames: readonly FrameFeatures[],
  at: number,
  blankTicks: number,
  out: Flank,
  ticksPerSecond: number,
): Boundary | null {
  const back = flank(frames, at - 1, 1, ticksPerSecond);
  const now = (frames[at] as FrameFeatures).ticks;
  const seconds = (now - blankTicks) / ticksPerSecond;
  const long = seconds > LONG_BLANK_SECONDS;
  const bothFade = !out.hard && !back.hard;
  if (!bothFade && seconds < FLASH_SECONDS && isSameScene(out, back)) return null;
  const earliest = now - 1.5 * ticksPerSecond;
  const startTicks = Math.ceil(Math.max(out.scene.ticks, earliest));
  if (back.hard) {
    // How a scene went over to a long blank is too long ago to matter.
    return { startTicks, endTicks: now, transition: out.hard || long ? 'cut' : 'fade', shotTicks: now };
  }
  const darkest = long ? now - 0.5 * ticksPerSecond : out.hard ? blankTicks : (blankTicks + now) / 2;
  const shotTicks = frames.find((frame) => frame.ticks >= darkest)?.ticks ?? now;
  return { startTicks: Math.min(startTicks, shotTicks), endTicks: back.scene.ticks, transition: 'fade', shotTicks };
}

/** Follows a fade away from the blank `frames[blank]`, as long as the picture grows more different from it. */
function flank(frames: readonly FrameFeatures[], blank: number, direction: 1 | -1, ticksPerSecond: number): Flank {
  const from = frames[blank] as FrameFeatures;
  const first = frames[blank + direction] as FrameFeatures;
  const strength = (frame: FrameFeatures) => Math.abs(frame.luma - from.luma) + frame.spread;
  let scene = first;
  let soon = first;
  for (let i = blank + direction; i >= 0 && i < frames.length; i += direction) {
    const frame = frames[i] as FrameFeatures;
    const seconds = Math.abs(frame.ticks - from.ticks) / ticksPerSecond;
    if (seconds > FADE_SECONDS || frame.blank || strength(frame) < strength(scene) - 1) break;
    if (seconds <= FLANK_SECONDS) soon = frame;
    if (strength(frame) > strength(scene) * 1.01 + 0.3) scene = frame;
  }
  return { hard: strength(first) > 0.6 * strength(soon), scene, nearest: first };
}

/** Whether what was before the blank is there after it: told from either flank's nearest picture and its brightest. */
function isSameScene(out: Flank, back: Flank): boolean {
  return [out.nearest, out.scene].some((before) =>
    [back.nearest, back.scene].some(
      (after) => frameDistance(before, after) < 0.5 && unmatchedShare(before, after) < 0.4,
    ),
  );
}

function copyFlank({ hard, scene, nearest }: Flank): Flank {
  return { hard, scene: copyFeatures(scene), nearest: copyFeatures(nearest) };
}
