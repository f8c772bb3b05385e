import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { FramescribeError } from '../domain/errors.ts';
import type { Manifest } from './manifest.ts';

// glibc's malloc fragments under libvips' cache and threads; a picture here is small and is read once.
sharp.cache(false);
sharp.concurrency(1);

const FITS = { squash: 'fill', crop: 'cover', pad: 'contain' } as const;

/** Turns pictures into the encoder's input. */
export type PictureReader = (picture: string | Uint8Array, target: Float32Array) => Promise<void>;

/**
 * Makes a reader that decodes a picture (path or bytes), brings it upright, to sRGB and to the input's size, and
 * writes it to `target` as normalised planes `[3,height,width]`. The kernel is a triangle, as in the training.
 *
 * The reader throws a {@link FramescribeError} PICTURE_UNREADABLE.
 */
export function createPictureReader({ width, height, resize, mean, std }: Manifest['input']): PictureReader {
  const tables = mean.map((average, channel) => normalisationTable(average, std[channel] ?? 1));
  return async (picture, target) => {
    const pixels = await readPixels(picture, width, height, FITS[resize]);
    const plane = width * height;
    tables.forEach((table, channel) => {
      for (let from = channel, to = channel * plane, end = to + plane; to < end; from += 3, to++) {
        target[to] = table[pixels[from] as number] as number;
      }
    });
  };
}

function normalisationTable(mean: number, deviation: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / deviation);
}

async function readPixels(
  picture: string | Uint8Array,
  width: number,
  height: number,
  fit: 'fill' | 'cover' | 'contain',
) {
  try {
    // libvips would open a file sixteen times to find out its format.
    const bytes = typeof picture === 'string' ? readFileSync(picture) : picture;
    const { data, info } = await sharp(bytes, { sequentialRead: true })
      .autoOrient()
      .resize(width, height, { fit, kernel: 'linear', background: '#000' })
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`Expected 3 channels, got ${info.channels}`);
    return data;
  } catch (cause) {
    const name = typeof picture === 'string' ? picture : `${picture.length} bytes`;
    throw new FramescribeError(
      'PICTURE_UNREADABLE',
      `Expected a whole picture, got ${name}: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}
