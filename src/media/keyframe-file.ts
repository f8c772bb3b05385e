import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import type { Parts } from './timed-frames.ts';

/** The JPEGs of one pass over a video. Those that nobody was told of are removed in the end. */
export class KeyframeFiles {
  readonly #folder: string;
  readonly #prefix: string;
  readonly #untold = new Set<string>();
  #count = 0;

  constructor(folder: string, prefix: string) {
    this.#folder = folder;
    this.#prefix = prefix;
  }

  /** Tells the file's path and the SHA-256 of its bytes. */
  async write(jpeg: Parts): Promise<{ readonly file: string; readonly sha256: string }> {
    const file = join(this.#folder, `${this.#prefix}${String(this.#count++).padStart(6, '0')}.jpg`);
    this.#untold.add(file);
    return { file, sha256: await writeKeyframe(file, jpeg) };
  }

  /** Somebody uses this file from now on. */
  told(file: string): void {
    this.#untold.delete(file);
  }

  async removeUntold(): Promise<void> {
    await Promise.all([...this.#untold].map((file) => rm(file, { force: true })));
  }
}

/** Tells the SHA-256 of the file's bytes. */
async function writeKeyframe(file: string, jpeg: Parts): Promise<string> {
  await writeFile(file, jpeg).catch((cause) => {
    const known = FramescribeError.from(cause);
    if (known.code !== 'INTERNAL') throw known;
    throw new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected to write a keyframe: ${known.message}`, { cause });
  });
  const hash = createHash('sha256');
  for (const part of jpeg) hash.update(part);
  return hash.digest('hex');
}
