import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readIfThere } from './folder-reading.ts';
import { keptAs, MANIFEST_FILE, versionIn } from './manifest.ts';
import { VERSIONS_FOLDER } from './names.ts';
import { discard } from './staging.ts';

/** Where versions of a result are kept: beside the results, one folder each, laid out as a result is. */
export function folderOfVersion(target: string, version: string): string {
  return join(folderOfVersions(target), version);
}

/**
 * Takes care of a result that has been replaced: it's kept where the one that stands now is another version, and else
 * removed. What was kept of the version that stands now is no longer needed.
 *
 * @param newer the manifest of what stands now; asked for where it isn't known.
 */
export async function retire(away: string, target: string, newer?: Buffer): Promise<void> {
  const [older, standing] = await Promise.all([manifestIn(away), newer ?? manifestIn(target)]);
  const kept = older && standing && keptAs(older, standing);
  // Where it can't be told now, rather one too many: another writer may have moved what stands there for a moment.
  const id = kept?.as ?? (older && standing === null ? versionIn(older) : null);
  if (id === null) await discard(away);
  else {
    const place = folderOfVersion(target, id);
    await rm(place, { recursive: true, force: true });
    await mkdir(dirname(place), { recursive: true });
    await rename(away, place);
  }
  if (kept) await forgetVersion(target, kept.instead);
}

async function manifestIn(folder: string): Promise<Buffer | null> {
  return readIfThere(join(folder, MANIFEST_FILE)).catch(() => null);
}

/** Ids of the versions that are kept. */
export async function versionsIn(target: string): Promise<readonly string[]> {
  return (await readdir(folderOfVersions(target)).catch(() => [])).sort();
}

/** The manifest goes first: what is left, should this be cut short, is no result. */
export async function forgetVersion(target: string, version: string): Promise<void> {
  const folder = folderOfVersion(target, version);
  await rm(join(folder, MANIFEST_FILE), { force: true });
  await rm(folder, { recursive: true, force: true });
  await tidy(target);
}

export async function forgetVersions(target: string): Promise<void> {
  await rm(folderOfVersions(target), { recursive: true, force: true });
  await tidy(target);
}

/** Folders that hold something stay. */
async function tidy(target: string): Promise<void> {
  await rmdir(folderOfVersions(target)).catch(() => {});
  await rmdir(dirname(folderOfVersions(target))).catch(() => {});
}

function folderOfVersions(target: string): string {
  return join(dirname(target), VERSIONS_FOLDER, basename(target));
}
