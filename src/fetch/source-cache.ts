import { link, lstat, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { type FetchedSource, fetchSource } from './fetch-source.ts';
import { readReference } from './source-reference.ts';
import type { WorkFolder, Workspace } from './workspace.ts';

type Settings = Pick<Config, 'fetch' | 'limits' | 'storage' | 'temp' | 'tempDir'>;

/** A source that isn't used for this long makes room. */
const IDLE_MS = 120_000;
const SHARED = 'framescribe-sources';

/**
 * The sources of one process on the local disk. The last one stays for a while where more of it may be wanted, and all
 * processes of this user with the same temporary folder share it.
 *
 * Sharing is by hard links: a process has each file that it reads in a folder of its own, and the shared folder has it
 * under the hash of its bytes. So the file lasts for as long as somebody needs it, whoever dies; a name in the shared
 * folder that is the last one is removed by whoever comes next.
 */
export class SourceCache {
  readonly #workspace: Workspace;
  readonly #settings: Settings;
  readonly #shared: string;
  #held: { readonly source: string; readonly folder: WorkFolder; readonly fetched: FetchedSource } | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(workspace: Workspace, settings: Settings) {
    this.#workspace = workspace;
    this.#settings = settings;
    this.#shared = join(resolve(settings.tempDir || tmpdir()), SHARED);
  }

  /**
   * Brings a source to the local disk; it stays there until the next call, `clear`, or for a while.
   *
   * @param sha256 of its bytes, where they have to be those; null for whatever is there now.
   * @throws {FramescribeError} SOURCE_CHANGED, or what `fetchSource` throws
   */
  async open(source: string, sha256: string | null, signal: AbortSignal): Promise<FetchedSource> {
    clearTimeout(this.#timer);
    const held = this.#held;
    if (held !== null && sha256 !== null && held.source === source && held.fetched.sha256 === sha256)
      return held.fetched;
    await this.clear();
    const folder = await this.#workspace.folder();
    try {
      const fetched =
        (sha256 && (await this.#fromOthers(source, sha256, folder))) ||
        (await fetchSource(source, this.#settings, { signal, folder: folder.path, claim: folder.claim }));
      if (sha256 !== null && fetched.sha256 !== sha256) {
        throw new FramescribeError(
          'SOURCE_CHANGED',
          `Expected ${fetched.name} as it was when its segments were planned`,
        );
      }
      this.#held = { source, folder, fetched };
      return fetched;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** Lets others have the source that was opened last, and keeps it for a while. */
  async keep(): Promise<void> {
    if (this.#held === null) return;
    const { path, sha256 } = this.#held.fetched;
    await this.#openShared()
      .then(() => link(path, join(this.#shared, sha256)))
      .catch(() => {}); // It's there, or this disk has no links: then each has its own.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear().catch(() => {}), IDLE_MS).unref();
  }

  /** Removes what is there, and what is shared and used by nobody. */
  async clear(): Promise<void> {
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = null;
    await held?.folder.close();
    for (const name of await readdir(this.#shared).catch(() => [])) {
      const path = join(this.#shared, name);
      const facts = await lstat(path).catch(() => null);
      if (facts?.isFile() && facts.uid === process.getuid?.() && facts.nlink === 1) await rm(path, { force: true });
    }
    await rmdir(this.#shared).catch(() => {}); // Others may have theirs in it.
  }

  async #fromOthers(source: string, sha256: string, folder: WorkFolder): Promise<FetchedSource | null> {
    const path = join(folder.path, 'source');
    try {
      await this.#openShared();
      await link(join(this.#shared, sha256), path);
      const { size: bytes } = await stat(path);
      await folder.claim(bytes);
      return { path, bytes, sha256, name: readReference(source).name };
    } catch {
      await rm(path, { force: true });
      return null;
    }
  }

  /** Nobody else may put files there. */
  async #openShared(): Promise<void> {
    await mkdir(this.#shared, { recursive: true, mode: 0o700 });
    const facts = await lstat(this.#shared);
    if (facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o022) === 0) return;
    throw new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected a folder of our own at ${this.#shared}`);
  }
}
