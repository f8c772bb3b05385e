import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { requireSpace } from './disk-space.ts';
import { claimPlace, sweepPlaces } from './workspace-place.ts';

/** The temporary files of a process that runs jobs. */
export interface Workspace {
  /** A new, empty folder for one job, which `close` removes. */
  folder(): Promise<WorkFolder>;
  /** What jobs have asked for, and not given back. */
  readonly claimedBytes: number;
  /** What lies there now. Walks the folders: for a metric now and then. */
  usedBytes(): Promise<number>;
  /** Removes everything, also folders that are still in use. */
  close(): Promise<void>;
}

export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /**
   * Asks for room for so many bytes more; all of it is given back when the folder is closed.
   *
   * @throws {FramescribeError} DISK_FULL: over `temp.maxBytes`, or more than the disk has beside what others were promised.
   */
  claim(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the temporary files of this process, and removes what processes that ended without doing so have left in the
 * same place. What a live process has there stays, also where that process is in another container.
 *
 * @throws {FramescribeError} CONFIG_INVALID, OUTPUT_NOT_WRITABLE
 */
export async function openWorkspace(settings: Pick<Config, 'temp' | 'tempDir'>): Promise<Workspace> {
  const { maxBytes, keepFreeBytes } = settings.temp;
  const base = resolve(settings.tempDir || tmpdir());
  await sweepPlaces(base);
  const place = await claimPlace(base);
  const claims = new Map<string, number>();
  const claimedBytes = () => [...claims.values()].reduce((sum, bytes) => sum + bytes, 0);

  const claim = async (path: string, bytes: number) => {
    const before = claimedBytes();
    if (before + bytes > maxBytes) {
      const left = Math.max(0, maxBytes - before);
      throw new FramescribeError(
        'DISK_FULL',
        `Expected ${bytes} bytes within temp.maxBytes, got ${left} of ${maxBytes}`,
      );
    }
    const change = (by: number) => claims.set(path, (claims.get(path) ?? 0) + by);
    change(bytes);
    try {
      const outstanding = Math.max(0, claimedBytes() - (await sizeOf(place.path)));
      await requireSpace(place.path, outstanding, keepFreeBytes);
    } catch (error) {
      if (claims.has(path)) change(-bytes);
      throw error;
    }
  };

  return {
    get claimedBytes() {
      return claimedBytes();
    },
    usedBytes: () => sizeOf(place.path),
    close: async () => {
      claims.clear();
      await place.close();
    },
    folder: async () => {
      const path = await mkdtemp(join(place.path, 'job-'));
      claims.set(path, 0);
      const close = async () => {
        await rm(path, { recursive: true, force: true });
        claims.delete(path);
      };
      return { path, claim: (bytes) => claim(path, bytes), close, [Symbol.asyncDispose]: close };
    },
  };
}

/** Of all files below a folder, as the disk counts them. Those that go away meanwhile don't count. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const facts = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    bytes += facts === null ? 0 : facts.blocks * 512;
  }
  return bytes;
}
