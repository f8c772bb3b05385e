import { createHash } from 'node:crypto';
import { link, lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Position } from './remote.ts';

/** What a file name has room for. */
const LONGEST_REVISION_BYTES = 120;
/** Whoever takes it up does so soon after the crash. */
const KEPT_MS = 600_000;
const NAME = /^partial-([0-9a-f]{32})-([A-Za-z0-9_-]+)$/;

/**
 * Downloads under way, so that the next process on this machine goes on with what one that was killed has left. The file
 * has a second name in a shared folder, made of its source and its revision; a file that has no other name any more is
 * nobody's. What was written before the machine itself went down isn't trusted.
 */
export class PartialDownloads {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Moves what there is of a source to a path; null where there is nothing. */
  async take(source: string, path: string): Promise<Position | null> {
    const key = await keyOf(source);
    for (const { name, revision } of await this.#orphans((found) => found === key)) {
      try {
        // Only one of several processes can do this.
        await rename(join(this.#folder, name), path);
        const { size: bytes } = await lstat(path);
        if (bytes > 0) return { bytes, revision };
      } catch {
        // Somebody else was faster.
      }
    }
    return null;
  }

  /** Makes a download known. Another one of the same source may be under way: then this one isn't. */
  async note(source: string, revision: string, path: string): Promise<void> {
    const encoded = Buffer.from(revision).toString('base64url');
    if (encoded === '' || encoded.length > LONGEST_REVISION_BYTES) return;
    await this.forget(path);
    await link(path, join(this.#folder, `partial-${await keyOf(source)}-${encoded}`)).catch(() => {});
  }

  /** Takes the second name away again, whole or given up. */
  async forget(path: string): Promise<void> {
    const own = await lstat(path).catch(() => null);
    for (const name of await this.#names()) {
      const facts = await lstat(join(this.#folder, name)).catch(() => null);
      if (own && facts?.ino === own.ino) await rm(join(this.#folder, name), { force: true });
    }
  }

  /** Removes what nobody has taken up in time; with `all` also what somebody still may. */
  async sweep(all: boolean): Promise<void> {
    for (const { name, ageMs } of await this.#orphans(() => true)) {
      if (all || ageMs > KEPT_MS) await rm(join(this.#folder, name), { force: true });
    }
  }

  async #orphans(isWanted: (key: string) => boolean) {
    const found: { readonly name: string; readonly revision: string; readonly ageMs: number }[] = [];
    for (const name of await this.#names()) {
      const [, key = '', encoded = ''] = NAME.exec(name) ?? [];
      const facts = await lstat(join(this.#folder, name)).catch(() => null);
      if (!isWanted(key) || !facts?.isFile() || facts.uid !== process.getuid?.() || facts.nlink > 1) continue;
      const revision = Buffer.from(encoded, 'base64url').toString();
      found.push({ name, revision, ageMs: Date.now() - facts.ctimeMs });
    }
    return found;
  }

  async #names(): Promise<readonly string[]> {
    return (await readdir(this.#folder).catch(() => [])).filter((name) => NAME.test(name));
  }
}

/** Of a source, since this machine was started. */
async function keyOf(source: string): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return createHash('sha256')
    .update(JSON.stringify([boot, source]))
    .digest('hex')
    .slice(0, 32);
}
