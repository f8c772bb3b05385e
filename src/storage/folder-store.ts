import { createHash } from 'node:crypto';
import { access, constants, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import { encodeManifest, filesBelow, MANIFEST_FILE, type ManifestEntry, manifestEntry } from './manifest.ts';
import { fileOfResult, nameOfResult } from './names.ts';
import { giveBack, lookFor, makeStaging, type Staging } from './staging.ts';
import type { BeginOptions, Publication, Revision, Store } from './store.ts';

/**
 * A store in a local folder, one folder below it for each result. A result is written beside its place and renamed
 * into it at the end, so a crash leaves the older result, or none, never a part of one.
 */
export function folderStore(root: string): Store {
  const base = resolve(root);
  const folderOf = (name: string) => join(base, nameOfResult(name));
  return {
    check: () => translate(base, () => checkWritable(base)),
    begin: (name, options = {}) => translate(base, () => beginInFolder(base, folderOf(name), options)),
    revision: async (name) => revisionOf(folderOf(name)),
    read: async (name, file) => readResultFile(folderOf(name), fileOfResult(file)),
    list: async (name) => listFiles(folderOf(name)),
    locate: folderOf,
  };
}

/** The folder itself may be made later: then what counts is the nearest one above it that is there. */
async function checkWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing || dirname(folder) === folder) throw error;
    await checkWritable(dirname(folder));
  }
}

async function beginInFolder(base: string, target: string, { replaces, signal }: BeginOptions): Promise<Publication> {
  const staging = await makeStaging(target);
  const older = replaces === undefined ? await revisionOf(target) : replaces;
  const entries = new Map<string, ManifestEntry>();
  const write = (file: string, bytes: Uint8Array) =>
    translate(base, () => writeDurably(join(staging.fresh, file), bytes));
  return {
    put: async (file, bytes) => {
      signal?.throwIfAborted();
      await write(fileOfResult(file), bytes);
      entries.set(file, manifestEntry(file, bytes));
    },
    commit: async () => {
      await write(MANIFEST_FILE, encodeManifest(entries.values()));
      await translate(base, () => replaceFolder(staging, target, older));
      await staging.remove().catch(() => {});
    },
    abort: () => staging.remove().catch(() => {}),
  };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/**
 * Takes the older result away and puts the newer one there. Each step is one rename, which only one of several writers
 * can do; the others find the place empty or taken.
 */
async function replaceFolder({ fresh, away }: Staging, target: string, older: Revision | null): Promise<void> {
  if ((await revisionOf(target)) !== older) conflictAt(target)(); // so that a loser rarely touches what won
  if (older !== null) await rename(target, away).catch(conflictAt(target, ['ENOENT']));
  try {
    if (older !== null && (await revisionOf(away)) !== older) conflictAt(target)();
    await rename(fresh, target).catch(conflictAt(target, ['ENOTEMPTY', 'EEXIST']));
  } catch (error) {
    if (older !== null) await giveBack(away, target);
    throw error;
  }
  // The newer result stands, whatever becomes of the older one.
  await rm(away, { recursive: true, force: true }).catch(() => {});
}

function conflictAt(target: string, codes?: readonly string[]): (error?: unknown) => never {
  return (error) => {
    if (codes && !codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new FramescribeError('RESULT_CONFLICT', `Expected ${target} as it was, but it has been replaced meanwhile`);
  };
}

async function readResultFile(folder: string, file: string): Promise<Buffer> {
  const bytes = await lookFor(folder, async () => {
    const below = file === MANIFEST_FILE ? '' : filesBelow((await manifestOf(folder)) ?? Buffer.of());
    return readIfThere(join(folder, below, file));
  });
  if (bytes !== null) return bytes;
  throw new FramescribeError('RESULT_NOT_FOUND', `Expected a file at ${join(folder, file)}`);
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const whole = await lookFor(folder, async () => {
    const files = await filesIn(folder);
    return files.includes(MANIFEST_FILE) ? files : null;
  });
  return whole ?? filesIn(folder);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  // A copy of a result from S3 has its files one folder further down.
  const below = filesBelow((await manifestOf(folder)) ?? Buffer.of());
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((file) => (file.startsWith(below) ? file.slice(below.length) : file))
    .sort();
}

async function revisionOf(folder: string): Promise<Revision | null> {
  const bytes = await manifestOf(folder);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}

async function manifestOf(folder: string): Promise<Buffer | null> {
  return lookFor(folder, () => readIfThere(join(folder, MANIFEST_FILE)));
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) return null;
    if (!['EACCES', 'EPERM'].includes(code)) throw FramescribeError.from(cause);
    throw new FramescribeError('SOURCE_UNREADABLE', `Expected to be allowed to read ${path}, got ${code}`, { cause });
  }
}

async function translate<T>(base: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR'].includes(code)) {
      throw new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected a folder to write to, got ${code} at ${base}`, {
        cause,
      });
    }
    throw FramescribeError.from(cause);
  }
}
