import { link, lstat, mkdir, readdir, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Extent } from '../domain/extent.ts';
import { hashOf, without } from './extents.ts';
import { type FetchedSource, fetchParts, fetchSource, SOURCE_FILE } from './fetch-source.ts';
import { PartialDownloads } from './partial-downloads.ts';
import { readReference } from './source-reference.ts';
import type { WorkFolder, Workspace } from './workspace.ts';

type Settings = Pick<Config, 'fetch' | 'limits' | 'storage' | 'temp' | 'tempDir'>;

/** A source that isn't used for this long makes room. */
const IDLE_MS = 120_000;
const SHARED = 'framescribe-sources';
/** The name of a whole source is the hash of its bytes. */
const WHOLE = /^[0-9a-f]{64}$/;

/** A source on the local disk, whole or as far as it was wanted. */
export interface OpenedSource {
  readonly path: string;
  /** What came over the network for it now. */
  readonly broughtBytes: number;
}

/** Some bytes of a source, by which a part of it can be read as if all were there. */
export interface WantedParts {
  /** Of the whole. */
  readonly sha256: string;
  readonly bytes: number;
  readonly revision: string;
  readonly parts: readonly (Extent & { readonly sha256: string })[];
}

interface Held {
  readonly source: string;
  readonly sha256: string;
  readonly folder: WorkFolder;
  readonly path: string;
  /** Null where it has holes. */
  readonly whole: FetchedSource | null;
  /** What is there of one that has. */
  readonly there: Extent[];
}

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
  readonly #partials: PartialDownloads;
  #held: Held | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(workspace: Workspace, settings: Settings) {
    this.#workspace = workspace;
    this.#settings = settings;
    this.#shared = join(resolve(settings.tempDir || tmpdir()), SHARED);
    this.#partials = new PartialDownloads(this.#shared);
  }

  /**
   * Brings a source to the local disk; it stays there until the next call, `clear`, or for a while.
   *
   * @param sha256 of its bytes, where they have to be those; null for whatever is there now.
   * @throws {FramescribeError} SOURCE_CHANGED, or what `fetchSource` throws
   */
  async open(source: string, sha256: string | null, signal: AbortSignal): Promise<FetchedSource & OpenedSource> {
    const there = sha256 === null ? null : await this.#find(source, sha256);
    if (there) return { ...there, broughtBytes: 0 };
    await this.clear();
    const folder = await this.#workspace.folder();
    try {
      // Nobody has to share, and nobody else's folder is shared.
      const isShared = await this.#openShared().then(
        () => true,
        () => false,
      );
      const options = {
        signal,
        folder: folder.path,
        claim: folder.claim,
        ...(isShared && { partials: this.#partials }),
      };
      const whole = await fetchSource(source, this.#settings, options);
      if (sha256 !== null && whole.sha256 !== sha256) {
        throw new FramescribeError('SOURCE_CHANGED', `Expected ${whole.name} as it was when its segments were planned`);
      }
      this.#held = { source, sha256: whole.sha256, folder, path: whole.path, whole, there: [] };
      return { ...whole, broughtBytes: whole.bytes };
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /**
   * Brings as much of a source to the local disk as is wanted, into a file of its full length, unless all of it is there.
   *
   * @throws {FramescribeError} SOURCE_CHANGED: it's another by now, or can't be had in parts; or what `fetchParts` throws
   */
  async openParts(source: string, wanted: WantedParts, signal: AbortSignal): Promise<OpenedSource> {
    const { sha256, bytes, revision } = wanted;
    const whole = await this.#find(source, sha256);
    if (whole) return { path: whole.path, broughtBytes: 0 };
    if (this.#held?.source !== source || this.#held.sha256 !== sha256) {
      await this.clear();
      const folder = await this.#workspace.folder();
      const path = join(folder.path, SOURCE_FILE);
      this.#held = { source, sha256, folder, path, whole: null, there: [] };
      await writeFile(path, '', { mode: 0o600 });
      await truncate(path, bytes);
    }
    const { folder, path, there } = this.#held;
    const missing = wanted.parts.flatMap((part) => without(part, there));
    const options = { signal, folder: folder.path, claim: folder.claim };
    await fetchParts(
      source,
      missing.map((extent) => ({ ...extent, revision })),
      path,
      this.#settings,
      options,
    );
    for (const { startBytes, endBytes, sha256: expected } of wanted.parts) {
      if ((await hashOf(path, { startBytes, endBytes })) === expected) continue;
      await this.clear();
      throw new FramescribeError('SOURCE_CHANGED', 'Expected the bytes of the source as they were planned, got others');
    }
    there.push(...missing);
    return { path, broughtBytes: missing.reduce((sum, { startBytes, endBytes }) => sum + endBytes - startBytes, 0) };
  }

  /** Lets others have the source that was opened last, if it's whole, and keeps it for a while. */
  async keep(): Promise<void> {
    if (this.#held === null) return;
    const { path, sha256, whole } = this.#held;
    if (whole) {
      await this.#openShared()
        .then(() => link(path, join(this.#shared, sha256)))
        .catch(() => {}); // It's there, or this disk has no links: then each has its own.
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear().catch(() => {}), IDLE_MS).unref();
  }

  /** Removes what is there, and what is shared and used by nobody; what was downloaded in part stays a while. */
  async clear(): Promise<void> {
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = null;
    await held?.folder.close();
    await this.#sweep(false);
  }

  /** @param isCutShort something was under way: then the next process may go on with what is there. */
  async close(isCutShort: boolean): Promise<void> {
    await this.clear();
    if (!isCutShort) await this.#sweep(true);
  }

  async #sweep(all: boolean): Promise<void> {
    await this.#partials.sweep(all);
    for (const name of await readdir(this.#shared).catch(() => [])) {
      const path = join(this.#shared, name);
      const facts = await lstat(path).catch(() => null);
      const isOurs = facts?.isFile() && facts.uid === process.getuid?.() && facts.nlink === 1;
      if (isOurs && WHOLE.test(name)) await rm(path, { force: true });
    }
    await rmdir(this.#shared).catch(() => {}); // Others may have theirs in it.
  }

  /** The whole source, where this process or another one has it. */
  async #find(source: string, sha256: string): Promise<FetchedSource | null> {
    clearTimeout(this.#timer);
    const held = this.#held;
    if (held?.whole && held.source === source && held.sha256 === sha256) return held.whole;
    const folder = await this.#workspace.folder();
    const path = join(folder.path, SOURCE_FILE);
    try {
      await this.#openShared();
      await link(join(this.#shared, sha256), path);
      const { size: bytes } = await stat(path);
      await folder.claim(bytes);
      const whole = { path, bytes, sha256, revision: null, name: readReference(source).name };
      await this.clear();
      this.#held = { source, sha256, folder, path, whole, there: [] };
      return whole;
    } catch {
      await folder.close();
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
