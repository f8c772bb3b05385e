import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FramescribeError } from '../domain/errors.ts';
import { openBelow } from './folder-file.ts';
import { filesBelow, MANIFEST_FILE } from './manifest.ts';
import { foldersAway } from './staging.ts';

/** A time stamp of a file system may be that much older than the moment that it tells of. */
const COARSEST_CLOCK_MS = 100;
const MOST_LOOKS = 12;
const LONGEST_PAUSE_MS = 8;

/** One file of the result at `target`; null where there is none. */
export function readWhole(target: string, file: string): Promise<Buffer | null> {
  return lookFor(target, async (folder) => {
    const manifest = await readIfThere(join(folder, MANIFEST_FILE));
    if (manifest === null || file === MANIFEST_FILE) return manifest;
    return readIfThere(join(folder, filesBelow(manifest), file));
  });
}

/** One file of the result at `target`, to be read as a stream; null where there is none, or where a link leads elsewhere. */
export function openWhole(target: string, file: string): Promise<FileHandle | null> {
  return lookFor(target, async (folder) => {
    const manifest = await readIfThere(join(folder, MANIFEST_FILE));
    if (manifest === null) return null;
    return openBelow(join(folder, file === MANIFEST_FILE ? '' : filesBelow(manifest), file), dirname(folder));
  });
}

/** The files of the result at `target`, its manifest among them; null where there is none. */
export function listWhole(target: string): Promise<readonly string[] | null> {
  return lookFor(target, async (folder) => {
    const path = join(folder, MANIFEST_FILE);
    await using manifest = await openIfThere(path);
    if (manifest === null) return null;
    const files = await filesIn(folder, filesBelow(await manifest.readFile()));
    // While it's open nothing else gets its number: the same number at the end is the same result all the time.
    return (await isAt(path, manifest)) ? files : null;
  });
}

/** What lies in a folder, as names inside a result; empty where it isn't there or goes away meanwhile. */
export async function filesIn(folder: string, below = ''): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .flatMap((file) => {
      if (file.startsWith(below)) return [file.slice(below.length)];
      return below === '' || file === MANIFEST_FILE ? [file] : [];
    })
    .sort();
}

/**
 * Looks for something of a result where it stands, and where it waits while another one is taking its place: from its
 * first publication on it is always in one of the two. Between the two looks it may have moved, so nothing counts as
 * absent before the folder of all results has stayed as it is, or, in a busy one, after many looks.
 */
async function lookFor<T>(target: string, look: (folder: string) => Promise<T | null>): Promise<T | null> {
  for (let looks = 1; ; looks++) {
    const before = await changeOf(dirname(target));
    const found = (await look(target)) ?? (await lookAway(target, look));
    if (found !== null) return found;
    const isSettled = before.isOld && (await changeOf(dirname(target))).at === before.at;
    if (isSettled || looks >= MOST_LOOKS) return null;
    await setTimeout(Math.random() * LONGEST_PAUSE_MS);
  }
}

async function lookAway<T>(target: string, look: (folder: string) => Promise<T | null>): Promise<T | null> {
  for (const folder of await foldersAway(target)) {
    const found = await look(folder);
    if (found !== null) return found;
  }
  return null;
}

async function changeOf(folder: string): Promise<{ readonly at: bigint; readonly isOld: boolean }> {
  const facts = await stat(folder, { bigint: true }).catch(() => null);
  if (facts === null) return { at: 0n, isOld: true };
  return { at: facts.mtimeNs, isOld: Date.now() - Number(facts.mtimeMs) > COARSEST_CLOCK_MS };
}

/** Null where there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch(nullWhereMissing(path));
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  return open(path).catch(nullWhereMissing(path));
}

async function isAt(path: string, file: FileHandle): Promise<boolean> {
  const [held, found] = await Promise.all([file.stat(), stat(path).catch(() => null)]);
  return held.ino === found?.ino && held.dev === found.dev;
}

function nullWhereMissing(path: string): (cause: NodeJS.ErrnoException) => null {
  return (cause) => {
    const { code = '' } = cause;
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) return null;
    if (!['EACCES', 'EPERM'].includes(code)) throw FramescribeError.from(cause);
    throw new FramescribeError('SOURCE_UNREADABLE', `Expected to be allowed to read ${path}, got ${code}`, { cause });
  };
}
