import { closeSync, openSync, writeSync } from 'node:fs';
import { FramescribeError } from '../domain/errors.ts';
import type { Rational } from '../domain/time.ts';
import { type FrameStats, STATS_HEAD, statsLine } from './frame-stats.ts';

const BUFFERED_CHARACTERS = 1 << 16;

/** A CSV of what the shot detector saw, a line a frame. What was there before is replaced. */
export class StatsFile implements Disposable {
  readonly #path: string;
  readonly #timeBase: Rational;
  readonly #file: number;
  #text = STATS_HEAD;

  /** @throws {FramescribeError} OUTPUT_NOT_WRITABLE; whatever is written later may throw it too, or DISK_FULL. */
  constructor(path: string, timeBase: Rational) {
    this.#path = path;
    this.#timeBase = timeBase;
    this.#file = this.#try(() => openSync(path, 'w'));
  }

  readonly take = (stats: FrameStats): void => {
    this.#text += statsLine(stats, this.#timeBase);
    if (this.#text.length >= BUFFERED_CHARACTERS) this.#write();
  };

  [Symbol.dispose](): void {
    try {
      this.#write();
    } finally {
      closeSync(this.#file);
    }
  }

  #write(): void {
    const text = this.#text;
    this.#text = '';
    this.#try(() => writeSync(this.#file, text));
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const known = FramescribeError.from(cause);
      if (known.code !== 'INTERNAL') throw known;
      const message = `Expected to write the statistics of frames to ${this.#path}: ${known.message}`;
      throw new FramescribeError('OUTPUT_NOT_WRITABLE', message, { cause });
    }
  }
}
