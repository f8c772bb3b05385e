import type { Rational } from '../domain/time.ts';
import { TINY_HEIGHT, TINY_WIDTH, type TinyFrame } from './frames.ts';

/** Where one shot gives way to the next. All times are in the video's time base, from the first shown frame. */
export interface Boundary {
  /** The transition covers `[startTicks, endTicks]`; for a cut both are the first frame of the new shot. */
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
}

/** Finds shot boundaries in a stream of tiny frames. */
export function createShotDetector(_timeBase: Rational): ShotDetector {
  const pixels = TINY_WIDTH * TINY_HEIGHT;
  let before: Uint8Array | null = null;
  let settledTicks = 0;
  return {
    push(frame) {
      const previous = before;
      before = frame.yuv.slice();
      settledTicks = frame.ticks;
      if (!previous) return [];
      let sum = 0;
      for (let i = 0; i < pixels; i++) sum += Math.abs((frame.yuv[i] ?? 0) - (previous[i] ?? 0));
      if (sum / pixels < 40) return [];
      const { ticks } = frame;
      return [{ startTicks: ticks, endTicks: ticks, transition: 'cut', shotTicks: ticks }];
    },
    finish: () => [],
    get settledTicks() {
      return settledTicks;
    },
  };
}
