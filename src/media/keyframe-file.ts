import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { FramescribeError } from '../domain/errors.ts';
import type { RgbPicture } from './picture.ts';

// FFmpeg and inference use the processors; and libvips' cache of pictures that are seen once only costs memory.
sharp.concurrency(1);
sharp.cache(false);

/** The JPEGs of one pass over a video. Those that nobody was told of are removed in the end. */
export class KeyframeFiles {
  readonly #folder: string;
  readonly #prefix: string;
  readonly #quality: number;
  readonly #untold = new Set<string>();
  #count = 0;

  constructor(folder: string, prefix: string, quality: number) {
    this.#folder = folder;
    this.#prefix = prefix;
    this.#quality = quality;
  }

  /** Tells the file's path and the SHA-256 of its bytes. */
  async write(picture: RgbPicture): Promise<{ readonly file: string; readonly sha256: string }> {
    const file = join(this.#folder, `${this.#prefix}${String(this.#count++).padStart(6, '0')}.jpg`);
    this.#untold.add(file);
    return { file, sha256: await writeKeyframe(file, picture, this.#quality) };
  }

  /** Somebody uses this file from now on. */
  told(file: string): void {
    this.#untold.delete(file);
  }

  async removeUntold(): Promise<void> {
    await Promise.all([...this.#untold].map((file) => rm(file, { force: true })));
  }
}

/** Writes a picture as a JPEG. Tells the SHA-256 of its bytes, which are the same for the same pixels and quality. */
async function writeKeyframe(file: string, picture: RgbPicture, quality: number): Promise<string> {
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
