import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import { encodeManifest, MANIFEST_FILE, type ManifestEntry, manifestEntry, resultFileName } from './manifest.ts';
import type { Publication, Store } from './store.ts';

/**
 * A store in a local folder, one folder below it for each result. A result is written beside its place and renamed
 * into it at the end, so a crash leaves the older result, or none, never a part of one.
 */
export function folderStore(root: string): Store {
  const base = resolve(root);
  const folderOf = (name: string) => join(base, safeName(name));
  return {
    begin: (name) => translate(base, () => beginInFolder(base, folderOf(name))),
    read: (name, file) => readResultFile(folderOf(name), file),
    list: (name) => listFiles(folderOf(name)),
    locate: folderOf,
  };
}

async function beginInFolder(base: string, target: string): Promise<Publication> {
  const staging = join(base, `.framescribe-${randomBytes(6).toString('hex')}`);
  await mkdir(staging, { recursive: true });
  const entries = new Map<string, ManifestEntry>();
  const write = (file: string, bytes: Uint8Array) => translate(base, () => writeDurably(join(staging, file), bytes));
  return {
    put: async (file, bytes) => {
      await write(resultFileName.parse(file), bytes);
      entries.set(file, manifestEntry(file, bytes));
    },
    commit: async () => {
      await write(MANIFEST_FILE, encodeManifest(entries.values()));
      await translate(base, () => replaceFolder(staging, target));
    },
    abort: () => rm(staging, { recursive: true, force: true }),
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

async function replaceFolder(staging: string, target: string): Promise<void> {
  const old = `${staging}-old`;
  const hadOld = await rename(target, old).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(staging, target);
  } catch (error) {
    if (hadOld) await rename(old, target);
    throw error;
  }
  if (hadOld) await rm(old, { recursive: true, force: true });
}

async function readResultFile(folder: string, file: string): Promise<Buffer> {
  const name = resultFileName.safeParse(file);
  if (!name.success) {
    throw new FramescribeError('RESULT_INVALID', `Expected a file name inside the result, got "${file}"`);
  }
  try {
    return await readFile(join(folder, name.data));
  } catch (cause) {
    throw new FramescribeError('RESULT_NOT_FOUND', `Expected a file at ${join(folder, name.data)}`, { cause });
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function safeName(name: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)) return name;
  throw new FramescribeError('INTERNAL', `Expected the name of a result, got ${JSON.stringify(name)}`);
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
