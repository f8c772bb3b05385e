import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import type { Manifest } from './manifest.ts';

/** A bundle on disk whose manifest has been checked. */
interface BundlePlace {
  readonly folder: string;
  readonly manifest: Manifest;
}

interface ExpectedFile {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The bytes of one file of a bundle, which are those that its manifest tells of.
 *
 * @throws {FramescribeError} BUNDLE_DAMAGED.
 */
export async function readBundleFile(bundle: BundlePlace, name: string): Promise<Buffer> {
  const { path, expected } = await locate(bundle, name);
  const bytes = await readFile(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  compare(path, expected, bytes.length, createHash('sha256').update(bytes).digest('hex'));
  return bytes;
}

/**
 * Checks one file of a bundle without holding it.
 *
 * @throws {FramescribeError} BUNDLE_DAMAGED.
 */
export async function checkBundleFile(bundle: BundlePlace, name: string): Promise<void> {
  const { path, expected } = await locate(bundle, name);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    // In pieces, so that the event loop gets its turns.
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      hash.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
  } catch (cause) {
    throw unreadable(path, cause as NodeJS.ErrnoException);
  }
  compare(path, expected, bytes, hash.digest('hex'));
}

/** Where a file of a bundle is, once it's sure to be a file inside the folder with the size it should have. */
async function locate({ folder, manifest }: BundlePlace, name: string) {
  const expected = manifest.files.find((file) => file.name === name);
  if (!expected) throw new FramescribeError('BUNDLE_INVALID', `Expected ${name} among the files of ${manifest.name}`);
  const path = join(folder, name);
  const real = await realpath(path).catch((cause) => {
    throw new FramescribeError('BUNDLE_DAMAGED', `Expected ${path} with ${expected.bytes} bytes: ${cause.code}`, {
      cause,
    });
  });
  const home = await realpath(folder);
  const entry = await lstat(real);
  if (!real.startsWith(home + sep) || !entry.isFile()) {
    throw new FramescribeError(
      'BUNDLE_DAMAGED',
      `Expected a file inside the bundle's folder, ${path} leads to ${real}`,
    );
  }
  if (entry.size !== expected.bytes) compare(path, expected, entry.size, '');
  return { path: real, expected };
}

function compare(path: string, expected: ExpectedFile, bytes: number, sha256: string): void {
  if (bytes !== expected.bytes) {
    throw new FramescribeError('BUNDLE_DAMAGED', `Expected ${expected.bytes} bytes, got ${bytes}: ${path}`);
  }
  if (sha256 !== expected.sha256) {
    throw new FramescribeError('BUNDLE_DAMAGED', `Expected sha256 ${expected.sha256}, got ${sha256}: ${path}`);
  }
}

export function unreadable(path: string, cause: NodeJS.ErrnoException): FramescribeError {
  return new FramescribeError('BUNDLE_DAMAGED', `Expected to be able to read ${path}: ${cause.code}`, { cause });
}
