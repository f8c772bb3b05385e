import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { FramescribeError } from '../domain/errors.ts';
import type { RgbPicture } from './picture.ts';

// FFmpeg and inference use the processors; and libvips' cache of pictures that are seen once only costs memory.
sharp.concurrency(1);
sharp.cache(false);

/** Writes a picture as a JPEG. Tells the SHA-256 of its bytes, which are the same for the same pixels and quality. */
export async function writeKeyframe(file: string, picture: RgbPicture, quality: number): Promise<string> {
  const { width, height, rgb } = picture;
  const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  await writeFile(file, jpeg).catch((cause) => {
    const known = FramescribeError.from(cause);
    if (known.code !== 'INTERNAL') throw known;
    throw new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected to write a keyframe: ${known.message}`, { cause });
  });
  return createHash('sha256').update(jpeg).digest('hex');
}

/** Lays RGBA pixels over white, as a page would show them. */
export function overWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3] ?? 255;
    for (let channel = 0; channel < 3; channel++) {
      rgb[to++] = Math.round(((rgba[from + channel] ?? 0) * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return rgb;
}
