import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { FramescribeError } from '../domain/errors.ts';

const PIECE_BYTES = 1 << 20;

/** The identity of a file's bytes. */
export interface Fingerprint {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Hashes a file as a stream, while other work reads it too.
 *
 * @throws {FramescribeError} SOURCE_CHANGED: the file was written to meanwhile.
 */
export async function fingerprint(path: string, signal: AbortSignal): Promise<Fingerprint> {
  await using file = await open(path);
  const before = await file.stat();
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(piece);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
  }
  const after = await stat(path);
  if (before.size !== after.size || before.mtimeMs !== after.mtimeMs) {
    throw new FramescribeError('SOURCE_CHANGED', `Expected ${path} to stay as it is while it's read, but it changed`);
  }
  return { sha256: hash.digest('hex'), bytes: after.size };
}

/**
 * A name for a result's folder, from the name of its source: letters, digits and single `-`, `_` or `.` between
 * them, at most 80 characters, without the extension. Hostile names come out harmless.
 */
export function resultName(source: string): string {
  const base = source.split(/[/\\]/).at(-1) ?? '';
  const safe = base
    .normalize('NFC')
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .replace(/[^\p{L}\p{N}_.-]+/gu, '-')
    .replace(/^[-._]+|[-._]+$/g, '')
    .replace(/\.{2,}/g, '.');
  return Array.from(safe).slice(0, 80).join('') || 'video';
}
