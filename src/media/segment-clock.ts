import { FramescribeError } from '../domain/errors.ts';
import type { PaceFacts } from './pace.ts';
import type { Pts } from './timed-frames.ts';
import type { FrameClock } from './timeline.ts';

/**
 * The clock of a part of a video, which has to know the timestamp of the video's first frame. It has no way to tell
 * what a whole video's clock makes of timestamps that are missing or go back, and takes none.
 */
export class SegmentClock implements FrameClock {
  readonly #firstPts: number;
  readonly #startTicks: number;
  readonly #endTicks: number;
  readonly #steps = new Map<number, number>();
  #before: number | null = null;
  #frames = 0;
  #last = 0;
  #lastStep = 0;

  /** Counts the frames in `[startTicks, endTicks)`; those around are there for their pictures. */
  constructor(firstPts: number, startTicks: number, endTicks: number) {
    this.#firstPts = firstPts;
    this.#startTicks = startTicks;
    this.#endTicks = endTicks;
  }

  /** @throws {FramescribeError} SEGMENT_UNFIT */
  push(pts: Pts): number {
    const ticks = pts === null ? Number.NaN : pts - this.#firstPts;
    if (!(ticks >= (this.#before ?? 0))) {
      const got = pts === null ? 'one without a timestamp' : `one at tick ${ticks} after tick ${this.#before ?? 0}`;
      throw new FramescribeError('SEGMENT_UNFIT', `Expected frames in order of time, got ${got}`);
    }
    if (ticks >= this.#startTicks && ticks < this.#endTicks) this.#count(ticks);
    this.#before = ticks;
    return ticks;
  }

  facts(): PaceFacts {
    return { frames: this.#frames, lastTicks: this.#last, lastStep: this.#lastStep, steps: [...this.#steps] };
  }

  #count(ticks: number): void {
    this.#frames++;
    this.#last = ticks;
    if (this.#before === null) return;
    const step = ticks - this.#before;
    if (step > 0) this.#lastStep = step;
    this.#steps.set(step, (this.#steps.get(step) ?? 0) + 1);
  }
}
