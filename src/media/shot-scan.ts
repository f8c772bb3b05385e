import type { Rational } from '../domain/time.ts';
import { CANDIDATE_GRID_MS } from './filter-graph.ts';
import { createKeyframeChooser, type KeyframeCandidate, type KeyframeChooser, type Selection } from './keyframes.ts';
import { type Boundary, createShotDetector, type ShotDetector } from './shots.ts';

/**
 * Leads tiny frames to the shot detector and candidate pictures to the keyframe chooser. The two come through pipes of
 * their own, in either order; what the detector finds waits until the pictures have come as far.
 */
export class ShotScan<C extends KeyframeCandidate> {
  readonly #timeBase: Rational;
  readonly #detector: ShotDetector;
  readonly #chooser: KeyframeChooser<C>;
  #waiting: Boundary[] = [];
  #settled = 0;
  /** Candidates yet to come start here or later. */
  #complete = 0;

  constructor(timeBase: Rational, windowMs: number) {
    this.#timeBase = timeBase;
    this.#detector = createShotDetector(timeBase);
    this.#chooser = createKeyframeChooser<C>({ timeBase, windowMs });
  }

  pushFrame(ticks: number, yuv: Uint8Array): Selection<C> {
    this.#waiting.push(...this.#detector.push({ ticks, yuv }));
    return this.#settle();
  }

  pushCandidate(candidate: C): Selection<C> {
    // Time that jumped back may bring a picture of a bucket that was thought complete: it isn't needed.
    if (candidate.ticks < this.#settled) return NOTHING;
    this.#chooser.push(candidate);
    this.#complete = Math.max(this.#complete, bucketEnd(candidate.ticks, this.#timeBase));
    return this.#settle();
  }

  /** After the last frame and the last candidate. */
  finish(endTicks: number): Selection<C> {
    this.#waiting.push(...this.#detector.finish());
    this.#complete = endTicks;
    const before = this.#settle();
    const last = this.#chooser.finish(endTicks);
    return { shots: [...before.shots, ...last.shots], chosen: [...before.chosen, ...last.chosen] };
  }

  #settle(): Selection<C> {
    const settled = Math.min(this.#detector.settledTicks, this.#complete);
    if (settled <= this.#settled && this.#waiting.length === 0) return NOTHING;
    const ready = this.#waiting.filter(({ startTicks }) => startTicks < settled);
    this.#waiting = this.#waiting.filter(({ startTicks }) => startTicks >= settled);
    this.#settled = Math.max(settled, this.#settled);
    return this.#chooser.settle(ready, this.#settled);
  }
}

const NOTHING = { shots: [], chosen: [] };

/** Where the next bucket of the candidates' grid starts. */
function bucketEnd(ticks: number, { num, den }: Rational): number {
  const bucket = Math.floor((ticks * num * 1000) / (den * CANDIDATE_GRID_MS));
  return Math.ceil(((bucket + 1) * den * CANDIDATE_GRID_MS) / (num * 1000));
}
