import sharp, { type Sharp } from 'sharp';
import type { Pictures } from './render.ts';

/** The most that the page shows of a picture, in pixels. */
export const SMALL = { width: 360, height: 450 };
const CHANNELS = 3;
/** As many as a storyboard shows: 45 MB of 16:9. */
const MOST_KEPT = 200;

interface Pixels {
  readonly data: Buffer;
  readonly info: { readonly width: number; readonly height: number };
}

/** The keyframes' pictures made small, for formats that show them smaller still. */
export class SmallPictures {
  readonly #pictures: Pictures;
  /** Of pictures that were asked for once: the second format to ask takes them away. Decoding is most of the work. */
  readonly #kept = new Map<string, Pixels>();

  constructor(pictures: Pictures) {
    this.#pictures = pictures;
  }

  /** An opaque picture in sRGB within {@link SMALL}, to go on from. */
  async read(keyframeId: string): Promise<Sharp> {
    const kept = this.#kept.get(keyframeId);
    this.#kept.delete(keyframeId);
    const pixels = kept ?? (await decode(await this.#pictures.read(keyframeId)));
    if (kept === undefined && this.#kept.size < MOST_KEPT) this.#kept.set(keyframeId, pixels);
    return sharp(pixels.data, { raw: { ...pixels.info, channels: CHANNELS } });
  }
}

async function decode(jpeg: Buffer): Promise<Pixels> {
  return sharp(jpeg)
    .resize(SMALL.width, SMALL.height, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
}
