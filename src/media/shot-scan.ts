import type { Rational } from '../domain/time.ts';
import { createPieceFinder, type Finding, type KeyframeCandidate, type PieceFinder } from './pieces.ts';
import { type Boundary, createShotDetector, type ShotDetector, type ShotDetectorOptions } from './shots.ts';

/**
 * Leads tiny frames to the shot detector and candidate pictures to the finder of pieces. The two come through pipes of
 * their own, in either order; what the detector finds waits until the pictures have come as far.
 */
export class ShotScan<C extends KeyframeCandidate> {
  readonly #detector: ShotDetector;
  readonly #pieces: PieceFinder<C>;
  #waiting: Boundary[] = [];
  #settled = 0;
  /** Candidates yet to come start here or later. */
  #complete = 0;

  constructor(timeBase: Rational, windowMs: number, options: ShotDetectorOptions = {}) {
    this.#detector = createShotDetector(timeBase, options);
    this.#pieces = createPieceFinder<C>(timeBase, windowMs);
  }

  /** All that happens before this tick has been told, but for a piece of a window that goes on. */
  get doneTicks(): number {
    return this.#pieces.doneTicks;
  }

  /** Nothing but black or white so far. */
  get isBlankSoFar(): boolean {
    return this.#detector.isBlankSoFar;
  }

  pushFrame(ticks: number, yuv: Uint8Array): readonly Finding<C>[] {
    this.#waiting.push(...this.#detector.push({ ticks, yuv }));
    return this.#settle();
  }

  pushCandidate(candidate: C): readonly Finding<C>[] {
    // Time that jumped back may bring a picture from before what was told: it isn't needed.
    if (candidate.ticks < this.#settled) return [];
    this.#pieces.push(candidate);
    this.#complete = Math.max(this.#complete, candidate.ticks + 1);
    return this.#settle();
  }

  /** After the last frame and the last candidate. */
  finish(endTicks: number): readonly Finding<C>[] {
    this.#waiting.push(...this.#detector.finish());
    this.#complete = endTicks;
    return [...this.#settle(), ...this.#pieces.finish(endTicks)];
  }

  #settle(): readonly Finding<C>[] {
    const settled = Math.min(this.#detector.settledTicks, this.#complete);
    if (settled <= this.#settled && this.#waiting.length === 0) return [];
    const ready = this.#waiting.filter(({ startTicks }) => startTicks < settled);
    this.#waiting = this.#waiting.filter(({ startTicks }) => startTicks >= settled);
    this.#settled = Math.max(settled, this.#settled);
    return this.#pieces.settle(ready, this.#settled);
  }
}
