import { statfs } from 'node:fs/promises';
import { FramescribeError } from '../domain/errors.ts';

/**
 * Checks that so many bytes more fit on a folder's disk, with something left for others.
 *
 * @throws {FramescribeError} DISK_FULL
 */
export async function requireSpace(folder: string, bytes: number, keepFreeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize - keepFreeBytes;
  if (bytes <= free) return;
  const got = `${Math.max(0, free)} (${keepFreeBytes} stay free)`;
  throw new FramescribeError('DISK_FULL', `Expected ${bytes} free bytes in ${folder}, got ${got}`);
}
