import { createHash } from 'node:crypto';
import { access, constants, mkdir, open, opendir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FramescribeError } from '../domain/errors.ts';
import { type Content, piecesOf } from '../text/pieces.ts';
import { streamOf } from './folder-file.ts';
import { filesIn, listWhole, openWhole, readIfThere, readWhole } from './folder-reading.ts';
import { folderOfVersion, forgetVersion, forgetVersions, retire, versionsIn } from './folder-versions.ts';
import {
  encodeManifest,
  MANIFEST_FILE,
  type ManifestEntry,
  manifestEntry,
  pathsOf,
  UNTOLD,
  versionIn,
} from './manifest.ts';
import { fileOfResult, idOfVersion, lifeOfLink, nameOfResult, VERSIONS_FOLDER } from './names.ts';
import { giveBack, makeStaging, STAGING_FOLDER, type Staging } from './staging.ts';
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
    version: async (name) => {
      const manifest = await readWhole(folderOf(name), MANIFEST_FILE);
      return manifest && (versionIn(manifest) ?? UNTOLD);
    },
    kept: async (name) => versionsIn(folderOf(name)),
    forget: async (name, version) => {
      const id = idOfVersion(version);
      await translate(base, () => forgetVersion(folderOf(name), id));
    },
    read: async (name, file, version) => {
      const folder = version === undefined ? folderOf(name) : folderOfVersion(folderOf(name), idOfVersion(version));
      return readResultFile(folder, fileOfResult(file));
    },
    open: async (name, file, range) => {
      const opened = await openWhole(folderOf(name), fileOfResult(file));
      if (opened !== null) return streamOf(opened, range);
      throw new FramescribeError('RESULT_NOT_FOUND', `Expected a file ${file} of a result at ${folderOf(name)}`);
    },
    links: async (name, expiresS, only) => {
      lifeOfLink(expiresS);
      const manifest = await readResultFile(folderOf(name), MANIFEST_FILE);
      return pathsOf(manifest, only).map(({ file, path }) => ({
        file,
        url: pathToFileURL(join(folderOf(name), path)).href,
      }));
    },
    modifiedMs: async (name) =>
      stat(folderOf(name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      ),
    list: async (name) => listFiles(folderOf(name)),
    names: () => namesIn(base),
    remove: (name) => translate(base, () => removeFolder(base, folderOf(name))),
    locate: folderOf,
  };
}

async function* namesIn(base: string): AsyncGenerator<string> {
  const folder = await opendir(base).catch(() => null);
  for await (const entry of folder ?? []) {
    if (entry.isDirectory() && ![STAGING_FOLDER, VERSIONS_FOLDER].includes(entry.name)) yield entry.name;
  }
}

/** The manifest goes first: what is left, should this be cut short, is no result. */
async function removeFolder(base: string, folder: string): Promise<void> {
  await rm(join(folder, MANIFEST_FILE), { force: true });
  await rm(folder, { recursive: true, force: true });
  await forgetVersions(folder);
  await rmdir(base).catch(() => {}); // It may well hold others.
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

async function beginInFolder(base: string, target: string, options: BeginOptions): Promise<Publication> {
  const { replaces, version, signal } = options;
  const staging = await makeStaging(target, retire);
  const older = replaces === undefined ? await revisionOf(target) : replaces;
  const entries = new Map<string, ManifestEntry>();
  const write = (file: string, content: Content) =>
    translate(base, () => writeDurably(staging.fresh, file, content).catch(conflictAt(target, ['ENOENT'])));
  return {
    put: async (file, content) => {
      signal?.throwIfAborted();
      await write(fileOfResult(file), content);
      entries.set(file, manifestEntry(file, content));
    },
    commit: async () => {
      const manifest = encodeManifest(entries.values(), { version });
      await write(MANIFEST_FILE, manifest);
      const others = await staging.others();
      await translate(base, () => replaceFolder(staging, target, older, manifest));
      // They began before this result stood, and can't follow it.
      for (const path of others) await rm(path, { recursive: true, force: true }).catch(() => {});
      await staging.remove().catch(() => {});
    },
    abort: () => staging.remove().catch(() => {}),
  };
}

/** Makes folders below `folder`, never that one: ENOENT says that a faster writer has removed it. */
async function writeDurably(folder: string, name: string, content: Content): Promise<void> {
  const parts = name.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    await mkdir(join(folder, ...parts.slice(0, depth))).catch(unlessThere);
  }
  const file = await open(join(folder, name), 'wx');
  try {
    for (const piece of piecesOf(content)) await file.writeFile(piece);
    await file.datasync();
  } finally {
    await file.close();
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/**
 * Takes the older result away and puts the newer one there. Each step is one rename, which only one of several writers
 * can do; the others find the place empty or taken. Readers find the older one where it waits in between.
 */
async function replaceFolder(
  { fresh, away }: Staging,
  target: string,
  older: Revision | null,
  newer: Buffer,
): Promise<void> {
  if ((await revisionOf(target)) !== older) conflictAt(target)(); // so that a loser rarely touches what won
  if (older !== null) await rename(target, away).catch(conflictAt(target, ['ENOENT']));
  try {
    if (older !== null && digestOf(await readIfThere(join(away, MANIFEST_FILE))) !== older) conflictAt(target)();
    await rename(fresh, target).catch(conflictAt(target, ['ENOTEMPTY', 'EEXIST', 'ENOENT']));
  } catch (error) {
    if (older !== null) await giveBack(away, target, retire);
    throw error;
  }
  await syncFolder(dirname(target));
  // The newer result stands, whatever becomes of the older one.
  if (older !== null) await retire(away, target, newer).catch(() => {});
}

/** So that a power cut takes back no result that was told of. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {}); // not every file system can
  await handle?.close();
}

function conflictAt(target: string, codes?: readonly string[]): (error?: unknown) => never {
  return (error) => {
    if (codes && !codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new FramescribeError('RESULT_CONFLICT', `Expected ${target} as it was, but it has been replaced meanwhile`);
  };
}

async function readResultFile(folder: string, file: string): Promise<Buffer> {
  // What somebody else put in the place of a result has no manifest, and is read all the same.
  const bytes = (await readWhole(folder, file)) ?? (await readIfThere(join(folder, file)));
  if (bytes !== null) return bytes;
  throw new FramescribeError('RESULT_NOT_FOUND', `Expected a file at ${join(folder, file)}`);
}

async function listFiles(folder: string): Promise<readonly string[]> {
  return (await listWhole(folder)) ?? (await filesIn(folder));
}

/** What stands there, or waits for what takes its place. */
async function revisionOf(folder: string): Promise<Revision | null> {
  return digestOf(await readWhole(folder, MANIFEST_FILE));
}

function digestOf(manifest: Buffer | null): Revision | null {
  return manifest && createHash('sha256').update(manifest).digest('hex');
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
