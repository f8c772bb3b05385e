import { createHash, randomBytes } from 'node:crypto';
import { access, constants, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import { encodeManifest, filesBelow, MANIFEST_FILE, type ManifestEntry, manifestEntry } from './manifest.ts';
import { fileOfResult, nameOfResult } from './names.ts';
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
  const older = replaces === undefined ? await revisionOf(target) : replaces;
  const staging = join(base, `.framescribe-${randomBytes(6).toString('hex')}`);
  await mkdir(staging, { recursive: true });
  const entries = new Map<string, ManifestEntry>();
  const write = (file: string, bytes: Uint8Array) => translate(base, () => writeDurably(join(staging, file), bytes));
  return {
    put: async (file, bytes) => {
      signal?.throwIfAborted();
      await write(fileOfResult(file), bytes);
      entries.set(file, manifestEntry(file, bytes));
    },
    commit: async () => {
      await write(MANIFEST_FILE, encodeManifest(entries.values()));
      await translate(base, () => replaceFolder(staging, target, older));
    },
    abort: () => rm(staging, { recursive: true, force: true }).catch(() => {}),
  };
}

async function revisionOf(folder: string): Promise<Revision | null> {
  const bytes = await readFile(join(folder, MANIFEST_FILE)).catch(() => null);
  return bytes && createHash('sha256').update(bytes).digest('hex');
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
async function replaceFolder(staging: string, target: string, older: Revision | null): Promise<void> {
  const away = `${staging}-old`;
  if (older !== null) {
    await rename(target, away).catch(conflictAt(target, ['ENOENT']));
    if ((await revisionOf(away)) !== older) {
      await rename(away, target);
      conflictAt(target)();
    }
  }
  try {
    await rename(staging, target).catch(conflictAt(target, ['ENOTEMPTY', 'EEXIST']));
  } catch (error) {
    // Where another writer's result has come between, that one stays.
    if (older !== null) await rename(away, target).catch(() => rm(away, { recursive: true, force: true }));
    throw error;
  }
  if (older !== null) await rm(away, { recursive: true, force: true });
}

function conflictAt(target: string, codes?: readonly string[]): (error?: unknown) => never {
  return (error) => {
    if (codes && !codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new FramescribeError('RESULT_CONFLICT', `Expected ${target} as it was, but it has been replaced meanwhile`);
  };
}

async function readResultFile(folder: string, file: string): Promise<Buffer> {
  try {
    const below = file === MANIFEST_FILE ? '' : await folderOfFiles(folder);
    return await readFile(join(folder, below, file));
  } catch (cause) {
    throw new FramescribeError('RESULT_NOT_FOUND', `Expected a file at ${join(folder, file)}`, { cause });
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const below = await folderOfFiles(folder);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((file) => (file.startsWith(below) ? file.slice(below.length) : file))
    .sort();
}

/** A copy of a result from S3 has its files one folder further down. */
async function folderOfFiles(folder: string): Promise<string> {
  const bytes = await readFile(join(folder, MANIFEST_FILE)).catch(() => null);
  return bytes === null ? '' : filesBelow(bytes);
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
