import type { Rational } from '../domain/time.ts';
import { MOST_STEPS, nominalStep, type Pace, paceOf } from './pace.ts';
import type { Pts } from './timed-frames.ts';

/** Turns FFmpeg's timestamps into ticks from the video's first frame. */
export interface FrameClock {
  /** Takes the timestamp of the next frame and tells its ticks. */
  push(pts: Pts): number;
}

/**
 * The clock of a whole video: its ticks never go back. Streams that were glued together may jump back in time: from
 * there on, time continues after the frame before.
 */
export class Timeline implements FrameClock {
  readonly #timeBase: Rational;
  readonly #claimedRate: Rational | null;
  readonly #steps = new Map<number, number>();
  #offset: number | null = null;
  #frames = 0;
  #last = 0;
  #lastStep = 0;

  constructor(timeBase: Rational, claimedRate: Rational | null) {
    this.#timeBase = timeBase;
    this.#claimedRate = claimedRate;
  }

  push(pts: Pts): number {
    this.#frames++;
    if (this.#frames === 1) {
      if (pts !== null) this.#offset = -pts;
      return 0;
    }
    const usual = this.#lastStep || nominalStep(this.#timeBase, this.#claimedRate);
    let ticks = pts === null || this.#offset === null ? this.#last + usual : pts + this.#offset;
    if (pts !== null && (this.#offset === null || ticks < this.#last)) {
      ticks = this.#last + usual;
      this.#offset = ticks - pts;
    }
    const step = ticks - this.#last;
    if (step > 0) this.#lastStep = step;
    const count = this.#steps.get(step);
    if (count !== undefined || this.#steps.size < MOST_STEPS) this.#steps.set(step, (count ?? 0) + 1);
    this.#last = ticks;
    return ticks;
  }

  /** Call after the last frame; there must have been one. */
  pace(): Pace {
    const facts = {
      frames: this.#frames,
      lastTicks: this.#last,
      lastStep: this.#lastStep,
      steps: [...this.#steps],
    };
    return paceOf(facts, this.#timeBase, this.#claimedRate);
  }
}
