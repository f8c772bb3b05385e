import type { Rational } from '../domain/time.ts';
import type { Pts } from './timed-frames.ts';

/** What the timestamps of all frames together say. */
export interface Pace {
  readonly frames: number;
  /** End of the last frame, in ticks from the first one's start: it lasts as long as is usual. */
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
    const variableFrameRate = this.#isVariable();
    const usual = (variableFrameRate ? this.#lastStep : this.#medianStep()) || this.#nominalTicks;
    return {
      frames: this.#frames,
      endTicks: this.#last + usual,
      frameRate: this.#frameRate(),
      variableFrameRate,
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
    const median = this.#medianStep();
    const tolerance = Math.max(1, median * 0.1);
    let all = 0;
    let odd = 0;
    for (const [step, count] of this.#steps) {
      all += count;
      if (Math.abs(step - median) > tolerance) odd += count;
    }
    return odd * 50 > all;
  }

  #medianStep(): number {
    const steps = [...this.#steps].sort(([one], [other]) => one - other);
    const half = steps.reduce((sum, [, count]) => sum + count, 0) / 2;
    let seen = 0;
    for (const [step, count] of steps) {
      seen += count;
      if (seen >= half) return step;
    }
    return 0;
  }
}

function reduce({ num, den }: Rational): Rational {
  let [a, b] = [num, den];
  while (b > 0) [a, b] = [b, a % b];
  return { num: num / a, den: den / a };
}
