import type { Pts } from './timed-frames.ts';

const FRAMES_KEPT = 10_000;
/** Pictures come ahead of their frames by what pipes hold. */
const PICTURES_KEPT = 100;

/**
 * Gives each candidate picture the ticks of the frame that it shows. Both streams tell the timestamps of the same
 * frames in the same order, the pictures only some of them.
 */
export class PictureClock<Picture> {
  readonly #onPicture: (ticks: number, picture: Picture) => void;
  /** Frames that no picture has passed yet. */
  #frames: { readonly pts: Pts; readonly ticks: number }[] = [];
  /** Pictures whose frame hasn't come yet. */
  readonly #pictures: { readonly pts: Pts; readonly picture: Picture }[] = [];

  constructor(onPicture: (ticks: number, picture: Picture) => void) {
    this.#onPicture = onPicture;
  }

  /** A frame of the full stream has this timestamp and these ticks. */
  pass(pts: Pts, ticks: number): void {
    this.#frames.push({ pts, ticks });
    if (this.#frames.length > 2 * FRAMES_KEPT) this.#frames = this.#frames.slice(-FRAMES_KEPT);
    this.#match();
  }

  /** A picture has this timestamp. */
  show(pts: Pts, picture: Picture): void {
    this.#pictures.push({ pts, picture });
    if (this.#pictures.length > PICTURES_KEPT) this.#pictures.shift();
    this.#match();
  }

  #match(): void {
    for (let next = this.#pictures[0]; next; next = this.#pictures[0]) {
      const { pts, picture } = next;
      const found = this.#frames.findIndex((frame) => frame.pts === pts);
      const frame = this.#frames[found];
      if (!frame) return;
      this.#pictures.shift();
      this.#frames = this.#frames.slice(found + 1);
      this.#onPicture(frame.ticks, picture);
    }
  }
}
