import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import { correctableFormats } from '../render/render.ts';
import { MANIFEST_FILE, pathsOf, UNTOLD } from '../storage/manifest.ts';
import type { Revision, Store } from '../storage/store.ts';
import type { Content } from '../text/pieces.ts';
import { type Corrected, EDITS_FILE, MACHINE_FILE } from './corrected.ts';
import { putResult } from './publish.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface RepublishOptions {
  /** What stands there, and may be replaced. */
  readonly replaces: Revision;
  /** The kept version whose files are taken; those of the result that stands there where it's none. */
  readonly version?: string | undefined;
  /** As which version it stands there then. */
  readonly as: string;
  readonly tempDir: string;
  readonly signal: AbortSignal;
}

/**
 * Publishes a result again with other edits: pictures and what nobody corrects as they are, the rest rendered anew.
 *
 * @throws {FramescribeError} RESULT_CONFLICT: something else stands there meanwhile.
 */
export async function republish(
  store: Store,
  name: string,
  corrected: Corrected,
  { replaces, version, as, tempDir, signal }: RepublishOptions,
): Promise<void> {
  const files = await filesOf(store, name, version);
  const formats = correctableFormats(files);
  const publication = await store.begin(name, { replaces, signal, ...(as !== UNTOLD && { version: as }) });
  const folder = await temporaryFolder(tempDir);
  const made = new Set([MANIFEST_FILE, EDITS_FILE, MACHINE_FILE]);
  const put = async (file: string, content: Content) => {
    signal.throwIfAborted();
    made.add(file);
    await publication.put(file, content);
  };
  try {
    const readPicture = pictures(store, name, version, folder);
    await putResult(corrected, readPicture, formats, put);
    for (const file of files) if (!made.has(file)) await put(file, await store.read(name, file, version));
    await publication.commit();
  } catch (error) {
    await publication.abort();
    // Files that go away while they're read belong to a result that has been replaced.
    if (FramescribeError.from(error).code !== 'RESULT_NOT_FOUND' || (await store.revision(name)) === replaces)
      throw error;
    throw new FramescribeError('RESULT_CONFLICT', `Expected ${store.locate(name)} as it was`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function filesOf(store: Store, name: string, version: string | undefined): Promise<readonly string[]> {
  return pathsOf(await store.read(name, MANIFEST_FILE, version)).map(({ file }) => file);
}

/** Each picture is read from the store once, and waits on the disk for who needs it again. */
function pictures(store: Store, name: string, version: string | undefined, folder: string) {
  const there = new Set<string>();
  return async (id: string): Promise<Buffer> => {
    const file = join(folder, `${id}.jpg`);
    if (there.has(id)) return readFile(file);
    const bytes = await store.read(name, `keyframes/${id}.jpg`, version);
    await writeFile(file, bytes).catch((error) => {
      throw FramescribeError.from(error);
    });
    there.add(id);
    return bytes;
  };
}
