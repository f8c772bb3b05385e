import { constants, type FileHandle, open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import type { ByteRange, OpenFile } from './store.ts';

/**
 * Opens a file that lies below a folder for real, wherever links lead; null where there is none. What is no plain file is
 * none.
 */
export async function openBelow(path: string, folder: string): Promise<FileHandle | null> {
  // Waits for no writer of a pipe, and follows no link at the end.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  if (file === null) return null;
  try {
    // A folder above it may be a link: what counts is where the open file is.
    const [root, real] = await Promise.all([
      realpath(folder),
      realpath(`/proc/self/fd/${file.fd}`).catch(() => realpath(path)),
    ]);
    const isBelow = real.startsWith(root.endsWith(sep) ? root : root + sep);
    if (isBelow && (await file.stat()).isFile()) return file;
  } catch {
    // It went away meanwhile.
  }
  await file.close();
  return null;
}

/** A stream over an open file, or a part of it, that closes the file at its end. */
export async function streamOf(file: FileHandle, range: ByteRange | undefined): Promise<OpenFile> {
  const { size: bytes } = await file.stat();
  const part = range && { start: range.startByte, end: range.endByte };
  return { bytes, body: file.createReadStream({ ...part, highWaterMark: 1 << 18 }) };
}
