import type { Captioner } from '../caption/captioner.ts';
import type { PictureCaptions } from '../domain/captioning.ts';
import { FramescribeError } from '../domain/errors.ts';

/** Pictures on their way to captions at the same time. */
const AHEAD = 64;

/** Sends pictures to the captioner as they come, a bounded number at a time. */
export class CaptionQueue {
  readonly #results: Promise<PictureCaptions | null>[] = [];
  readonly #captioner: Captioner;
  readonly #signal: AbortSignal;

  constructor(captioner: Captioner, signal: AbortSignal) {
    this.#captioner = captioner;
    this.#signal = signal;
  }

  /** @param file null for a picture that needs no captions of its own. */
  async add(file: string | null): Promise<void> {
    const work = file === null ? Promise.resolve(null) : this.#caption(file);
    // Awaited in finish(); until then a failure must not count as unhandled.
    work.catch(() => {});
    this.#results.push(work);
    await this.#results.at(-1 - AHEAD);
  }

  /** The captions, in the order in which the pictures were added. */
  finish(): Promise<readonly (PictureCaptions | null)[]> {
    return Promise.all(this.#results);
  }

  async #caption(file: string): Promise<PictureCaptions> {
    const [captions] = await this.#captioner.caption([file], this.#signal);
    if (captions === undefined)
      throw new FramescribeError('INFERENCE_FAILED', `Expected captions of ${file}, got none`);
    return captions;
  }
}
