import type { Captioner } from '../caption/captioner.ts';
import type { PictureCaptions } from '../domain/captioning.ts';
import { FramescribeError } from '../domain/errors.ts';

/** Pictures on their way to captions at the same time, at least. */
const AHEAD = 64;

/**
 * Sends pictures to the captioner while the scan goes on, a whole batch at a time, as a picture alone costs twice
 * as much as one of eight. No more than a bounded number is on its way.
 */
export class CaptionQueue {
  readonly #captioner: Captioner;
  readonly #batch: number;
  readonly #signal: AbortSignal;
  readonly #results: (Promise<PictureCaptions> | null)[] = [];
  #waiting: Waiting[] = [];

  /** @param batch pictures that the captioner takes at once */
  constructor(captioner: Captioner, batch: number, signal: AbortSignal) {
    this.#captioner = captioner;
    this.#batch = batch;
    this.#signal = signal;
  }

  /** @param file null for a picture that needs no captions of its own. */
  async add(file: string | null): Promise<void> {
    this.#results.push(file === null ? null : this.#captionsOf(file));
    const oldest = this.#waiting[0];
    // A picture before many that need no captions is awaited below, and its batch may never be full.
    const isAwaited = oldest !== undefined && this.#results.length - oldest.at > AHEAD;
    if (this.#waiting.length >= this.#batch || isAwaited) this.#send();
    await this.#results.at(-1 - AHEAD - this.#batch);
  }

  /** The captions, in the order in which the pictures were added. */
  finish(): Promise<readonly (PictureCaptions | null)[]> {
    this.#send();
    return Promise.all(this.#results);
  }

  #captionsOf(file: string): Promise<PictureCaptions> {
    const captions = new Promise<PictureCaptions>((resolve, reject) => {
      this.#waiting.push({ at: this.#results.length, file, resolve, reject });
    });
    // Awaited in finish(); until then a failure must not count as unhandled.
    captions.catch(() => {});
    return captions;
  }

  async #send(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    const files = batch.map(({ file }) => file);
    try {
      const captions = await this.#captioner.caption(files, this.#signal);
      batch.forEach(({ file, resolve, reject }, index) => {
        const found = captions[index];
        if (found) resolve(found);
        else reject(new FramescribeError('INFERENCE_FAILED', `Expected captions of ${file}, got none`));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

interface Waiting {
  /** Its place among all that were added. */
  readonly at: number;
  readonly file: string;
  readonly resolve: (captions: PictureCaptions) => void;
  readonly reject: (error: unknown) => void;
}
