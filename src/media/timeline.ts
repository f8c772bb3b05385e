import type { Rational } from '../domain/time.ts';
import type { Pts } from './timed-frames.ts';

/** What the timestamps of all frames together say. */
export interface Pace {
  readonly frames: number;
  /** End of the last frame, in ticks from the first one's start. */
  readonly endTicks: number;
  readonly frameRate: Rational;
  readonly variableFrameRate: boolean;
}

/**
 * Turns FFmpeg's timestamps into ticks from the first frame that never go back. Streams that were glued together may
 * jump back in time: from there on, time continues after the frame before.
 */
export class Timeline {
  readonly #timeBase: Rational;
  readonly #claimedRate: Rational | null;
  readonly #nominalTicks: number;
  readonly #steps = new Map<number, number>();
  #offset: number | null = null;
  #frames = 0;
  #last = 0;
  #lastStep = 0;

  constructor(timeBase: Rational, claimedRate: Rational | null) {
    this.#timeBase = timeBase;
    this.#claimedRate = claimedRate !== null && claimedRate.num > 0 ? claimedRate : null;
    const rate = this.#claimedRate ?? { num: 25, den: 1 };
    this.#nominalTicks = Math.max(1, Math.round((rate.den * timeBase.den) / (rate.num * timeBase.num)));
  }

  get frames(): number {
    return this.#frames;
  }

  /** Takes the timestamp of the next frame and tells its ticks. */
  push(pts: Pts): number {
    this.#frames++;
    if (this.#frames === 1) {
      if (pts !== null) this.#offset = -pts;
      return 0;
    }
    const usual = this.#lastStep || this.#nominalTicks;
    let ticks = pts === null || this.#offset === null ? this.#last + usual : pts + this.#offset;
    if (pts !== null && (this.#offset === null || ticks < this.#last)) {
      ticks = this.#last + usual;
      this.#offset = ticks - pts;
    }
    const step = ticks - this.#last;
    if (step > 0) this.#lastStep = step;
    this.#countStep(step);
    this.#last = ticks;
    return ticks;
  }

  /** Call after the last frame; there must have been one. */
  pace(): Pace {
    const endTicks = this.#last + (this.#lastStep || this.#nominalTicks);
    return {
      frames: this.#frames,
      endTicks,
      frameRate: this.#frameRate(),
      variableFrameRate: this.#isVariable(),
    };
  }

  /** Bounded: past a thousand different steps the rate is variable anyway. */
  #countStep(step: number): void {
    if (this.#steps.size < 1000 || this.#steps.has(step)) this.#steps.set(step, (this.#steps.get(step) ?? 0) + 1);
  }

  /** The claimed rate where the frames agree within half a percent; else frames by time. */
  #frameRate(): Rational {
    const { num, den } = this.#timeBase;
    if (this.#frames < 2 || this.#last === 0) return this.#claimedRate ?? { num: 0, den: 1 };
    const counted = reduce({ num: (this.#frames - 1) * den, den: this.#last * num });
    const claimed = this.#claimedRate;
    if (!claimed) return counted;
    const agreement = (claimed.num * counted.den) / (claimed.den * counted.num);
    return Math.abs(agreement - 1) < 0.005 ? claimed : counted;
  }

  /** More than one step in fifty differs from the median step by over a tenth, rounding of the time base aside. */
  #isVariable(): boolean {
    const steps = [...this.#steps].sort(([one], [other]) => one - other);
    const total = steps.reduce((sum, [, count]) => sum + count, 0);
    let seen = 0;
    const median = steps.find(([, count]) => {
      seen += count;
      return seen * 2 >= total;
    })?.[0];
    if (median === undefined) return false;
    const tolerance = Math.max(1, median * 0.1);
    const odd = steps.reduce((sum, [step, count]) => sum + (Math.abs(step - median) > tolerance ? count : 0), 0);
    return odd * 50 > total;
  }
}

function reduce({ num, den }: Rational): Rational {
  let [a, b] = [num, den];
  while (b > 0) [a, b] = [b, a % b];
  return { num: num / a, den: den / a };
}
