import type { Rational } from '../domain/time.ts';
import { formatRational } from '../domain/time.ts';

/**
 * Tells the timestamps of all packets in the order in which their frames are shown, so that length, rate and steps of
 * a video are known where some of its frames aren't decoded. Reads the lines of FFmpeg's `framecrc`, which come in the
 * decoder's order.
 */
export class PacketOrder {
  readonly #timeBase: Rational;
  readonly #jumpTicks: number;
  readonly #onShown: (pts: number) => void;
  #first: number | null = null;
  #newest = Number.NEGATIVE_INFINITY;
  #isWhole = false;
  /** Not told yet, in order. */
  readonly #waiting: number[] = [];

  constructor(timeBase: Rational, onShown: (pts: number) => void) {
    this.#timeBase = timeBase;
    this.#jumpTicks = (JUMP_SECONDS * timeBase.den) / timeBase.num;
    this.#onShown = onShown;
  }

  /** The first shown frame has this timestamp; packets before it aren't told. */
  begin(pts: number): void {
    if (this.#first !== null) return;
    this.#first = pts;
    if (this.#isWhole) this.#show(0);
  }

  /** Whether the packet of a frame with this timestamp has come. */
  hasCome(pts: number): boolean {
    return this.#newest >= pts;
  }

  /** Takes a line such as `0,  -1024,  0,  512,  5330, 0x7013f0c9, F=0x5`. */
  take(line: string): void {
    const told = /^#tb 0: (\S+)/.exec(line)?.[1];
    if (told !== undefined && told !== formatRational(this.#timeBase)) {
      throw new Error(`Expected packets in the time base ${formatRational(this.#timeBase)}, got ${told}`);
    }
    if (line.startsWith('#')) return;
    const [, , pts, , , , flags] = line.split(',');
    const isHidden = flags !== undefined && (Number(flags.split('=')[1]) & HIDDEN) !== 0;
    const ticks = Number(pts);
    if (isHidden || !Number.isSafeInteger(ticks)) return;
    const isJump = ticks < this.#newest - this.#jumpTicks;
    this.#show(isJump ? 0 : MOST_REORDERED);
    this.#newest = isJump ? ticks : Math.max(ticks, this.#newest);
    const place = this.#waiting.findLastIndex((waiting) => waiting <= ticks);
    this.#waiting.splice(place + 1, 0, ticks);
  }

  /** No packet comes any more: tells what still waits. */
  flush(): void {
    this.#isWhole = true;
    if (this.#first !== null) this.#show(0);
  }

  #show(most: number): void {
    if (this.#first === null && most > 0 && this.#waiting.length < MOST_WAITING) return;
    for (const ticks of this.#waiting.splice(0, Math.max(0, this.#waiting.length - most))) {
      if (this.#first !== null && ticks >= this.#first) this.#onShown(ticks);
    }
  }
}

/** A packet that the demuxer marks as not for showing. */
const HIDDEN = 4;
/** No codec holds more frames back. */
const MOST_REORDERED = 16;
/** Where time jumps back so far, what came before it is over. */
const JUMP_SECONDS = 5;
/** Until the first frame is shown: eight megabytes. A sieve may be hours ahead of the decoder where I-frames are tiny. */
const MOST_WAITING = 1_000_000;
