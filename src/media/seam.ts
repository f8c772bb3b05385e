import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Boundary } from './shots.ts';
import type { Parts } from './timed-frames.ts';

/** Frames so long before and after the border of two segments are decoded for both of them, and have to be equal. */
const SEAM_SECONDS = 2;
/** Pictures and boundaries so long before it as well. */
const BEFORE_SECONDS = 3;

/** What one of two neighbouring segments saw around their border. */
export interface Seam {
  readonly frames: string;
  readonly pictures: string;
  readonly boundaries: readonly Boundary[];
}

/** Whether two neighbours saw the same: if not, seeking to the second of them led to other frames or other times. */
export function isTight(before: Seam | null, after: Seam | null): boolean {
  return before !== null && isDeepStrictEqual(before, after);
}

/** Gathers what is seen around a border. */
export class SeamReader {
  readonly #borderTicks: number;
  readonly #ticksPerSecond: number;
  readonly #frames = createHash('sha256');
  readonly #pictures = createHash('sha256');
  readonly #boundaries: Boundary[] = [];

  constructor(borderTicks: number, ticksPerSecond: number) {
    this.#borderTicks = borderTicks;
    this.#ticksPerSecond = ticksPerSecond;
  }

  /** No frame from here on matters. */
  get endTicks(): number {
    return this.#borderTicks + SEAM_SECONDS * this.#ticksPerSecond;
  }

  frame(ticks: number, yuv: Uint8Array): void {
    const isNear = Math.abs(ticks - this.#borderTicks) < SEAM_SECONDS * this.#ticksPerSecond;
    if (isNear) this.#frames.update(`${ticks}:`).update(yuv);
  }

  picture(ticks: number, jpeg: Parts): void {
    if (!this.#isBefore(ticks)) return;
    this.#pictures.update(`${ticks}:`);
    for (const part of jpeg) this.#pictures.update(part);
  }

  boundary(boundary: Boundary): void {
    if (this.#isBefore(boundary.shotTicks)) this.#boundaries.push(boundary);
  }

  /** What was seen; call it once. */
  seam(): Seam {
    return {
      frames: this.#frames.digest('hex'),
      pictures: this.#pictures.digest('hex'),
      boundaries: this.#boundaries,
    };
  }

  #isBefore(ticks: number): boolean {
    return ticks < this.#borderTicks && ticks >= this.#borderTicks - BEFORE_SECONDS * this.#ticksPerSecond;
  }
}
