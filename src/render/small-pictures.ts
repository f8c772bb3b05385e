import sharp, { type Sharp } from 'sharp';
import type { Result } from '../domain/result.ts';
import type { Pictures } from './render.ts';

/** The most that the page shows of a picture, in pixels. */
export const SMALL = { width: 360, height: 450 };
/** A keyframe within this is small as it is; those of a preview are. */
const SMALL_AS_IT_IS = { width: 512, height: 640 };
const CHANNELS = 3;
/** As many as a storyboard shows: at most 45 MB of 16:9. */
const MOST_KEPT = 200;

/** A keyframe's picture, for formats that show it smaller still. */
export interface SmallPicture {
  /** The keyframe's own file, where it's small as it is. */
  readonly jpeg: Buffer | null;
  /** The picture, opaque and in sRGB, to go on from. */
  open(): Sharp;
}

/** The keyframes' pictures, made small. */
export class SmallPictures {
  readonly #pictures: Pictures;
  /** Those that were asked for once: the second format to ask takes them away. Reading and decoding are most of the work. */
  readonly #kept = new Map<string, SmallPicture>();

  constructor(pictures: Pictures) {
    this.#pictures = pictures;
  }

  /** The picture of a keyframe within {@link SMALL}, or as it is within {@link SMALL_AS_IT_IS}. */
  async read(keyframe: Pick<Result['keyframes'][number], 'id' | 'width' | 'height'>): Promise<SmallPicture> {
    const kept = this.#kept.get(keyframe.id);
    this.#kept.delete(keyframe.id);
    if (kept) return kept;
    const jpeg = await this.#pictures.read(keyframe.id);
    const isSmall = keyframe.width <= SMALL_AS_IT_IS.width && keyframe.height <= SMALL_AS_IT_IS.height;
    const picture = isSmall ? asItIs(jpeg) : await madeSmall(jpeg);
    if (this.#kept.size < MOST_KEPT) this.#kept.set(keyframe.id, picture);
    return picture;
  }
}

function asItIs(jpeg: Buffer): SmallPicture {
  return { jpeg, open: () => sharp(jpeg).toColourspace('srgb').removeAlpha() };
}

async function madeSmall(jpeg: Buffer): Promise<SmallPicture> {
  const { data, info } = await sharp(jpeg)
    .resize(SMALL.width, SMALL.height, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { jpeg: null, open: () => sharp(data, { raw: { ...info, channels: CHANNELS } }) };
}
