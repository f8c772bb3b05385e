import { randomBytes } from 'node:crypto';
import type { S3Settings } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Content } from '../text/pieces.ts';
import { contentTypeOf } from './content-type.ts';
import {
  encodeManifest,
  isFolderOfFiles,
  keptAs,
  MANIFEST_FILE,
  type ManifestEntry,
  manifestEntry,
} from './manifest.ts';
import { fileOfResult } from './names.ts';
import type { Bucket, StoredObject } from './s3-bucket.ts';
import { foldersOfVersions, keepVersion, keyOfVersion, MANIFEST_FACTS, versionsIn } from './s3-versions.ts';
import type { BeginOptions, Publication } from './store.ts';

/**
 * Starts a publication below `root` (`prefix/name/`): files into a folder of its own, then the manifest, on the
 * condition that the one it replaces is still there.
 *
 * @throws {FramescribeError} RESULT_CONFLICT: something else than `options.replaces` stands there already.
 */
export async function beginInBucket(
  bucket: Bucket,
  root: string,
  settings: S3Settings,
  options: BeginOptions,
): Promise<Publication> {
  const older = await bucket.get(root + MANIFEST_FILE);
  if (options.replaces !== undefined && options.replaces !== (older?.etag ?? null)) {
    throw new FramescribeError('RESULT_CONFLICT', `Expected ${root} as it was, but it has been replaced meanwhile`);
  }
  return new S3Publication(bucket, root, settings, older, options);
}

class S3Publication implements Publication {
  readonly #bucket: Bucket;
  readonly #root: string;
  readonly #settings: S3Settings;
  readonly #older: StoredObject | null;
  readonly #version: string | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #folder = `files-${randomBytes(8).toString('hex')}`;
  readonly #entries = new Map<string, ManifestEntry>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];
  /** Whether a reader may depend on the files: `perhaps` where the outcome of the manifest's request isn't known. */
  #visible: 'no' | 'perhaps' | 'yes' = 'no';

  constructor(
    bucket: Bucket,
    root: string,
    settings: S3Settings,
    older: StoredObject | null,
    { version, signal }: BeginOptions,
  ) {
    this.#bucket = bucket;
    this.#root = root;
    this.#settings = settings;
    this.#older = older;
    this.#version = version;
    this.#signal = signal;
  }

  async put(file: string, content: Content): Promise<void> {
    const name = fileOfResult(file);
    while (this.#underWay.size >= this.#settings.concurrency) await Promise.race(this.#underWay);
    this.#throwFirstFailure();
    const entry = manifestEntry(name, content);
    this.#entries.set(name, entry);
    const work: Promise<void> = this.#putFile(entry, content)
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async commit(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFirstFailure();
    // Who may not list the bucket may publish all the same.
    const folders = await this.#folders().catch(() => [this.#mine]);
    if (this.#entries.size > 0 && !folders.includes(this.#mine)) {
      // A result that stood meanwhile, and has been removed since, has taken the files of this one away.
      throw new FramescribeError('RESULT_CONFLICT', `Expected ${this.#mine} as it was put, but its files are gone`);
    }
    const others = folders.filter((folder) => folder !== this.#mine);
    const manifest = encodeManifest(this.#entries.values(), { folder: this.#folder, version: this.#version });
    const kept = this.#older && keptAs(this.#older.bytes, manifest);
    // Before the switch: whoever dies in between leaves a mark too many, never a version too few.
    if (this.#older && kept) await keepVersion(this.#bucket, this.#root, kept.as, this.#older.bytes);
    try {
      const expected = this.#older?.etag ?? null;
      await this.#bucket.put(this.#root + MANIFEST_FILE, manifest, MANIFEST_FACTS, { expected });
      this.#visible = 'yes';
    } catch (error) {
      this.#visible = await this.#visibleAfter(error, manifest);
      if (this.#visible !== 'yes') throw error;
    }
    // The result stands whatever becomes of this; what is left over is swept the next time.
    await this.#sweep(others).catch(() => {});
  }

  /** Removes what nobody needs once this result stands: all but what kept versions name, other than its own. */
  async #sweep(folders: readonly string[]): Promise<void> {
    if (folders.length === 0) return;
    const versions = await versionsIn(this.#bucket, this.#root);
    const own = versions.filter((version) => version === this.#version);
    await this.#bucket.remove(own.map((version) => keyOfVersion(this.#root, version)));
    const others = versions.filter((version) => version !== this.#version);
    const needed = await foldersOfVersions(this.#bucket, this.#root, others);
    for (const folder of folders) if (!needed.has(folder)) await this.#bucket.removeBelow(folder).catch(() => {});
  }

  async abort(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#visible === 'no') await this.#bucket.removeBelow(this.#mine).catch(() => {});
  }

  get #mine(): string {
    return `${this.#root}${this.#folder}/`;
  }

  #throwFirstFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #putFile({ name, sha256 }: ManifestEntry, content: Content): Promise<void> {
    const facts = {
      contentType: contentTypeOf(name),
      cacheControl: this.#settings.cacheControl,
      metadata: { 'framescribe-schema': 'framescribe/result@1', sha256 },
    };
    return this.#bucket.put(this.#mine + name, content, facts, { signal: this.#signal });
  }

  /** An attempt whose answer is lost on the way may have put the manifest, and makes the next attempt fail. */
  async #visibleAfter(error: unknown, manifest: Buffer): Promise<'no' | 'perhaps' | 'yes'> {
    const isRefusal = error instanceof FramescribeError && !error.kind.retryable;
    if (isRefusal) return 'no';
    const found = await this.#bucket.get(this.#root + MANIFEST_FILE).catch(() => null);
    if (found?.bytes.equals(manifest)) return 'yes';
    // Where a third manifest stands, this one can't arrive late any more: its condition doesn't hold.
    return found !== null && found.etag !== this.#older?.etag ? 'no' : 'perhaps';
  }

  /**
   * Of this result, of the one that it replaces, and of other writers, dead or alive. Those began before this manifest, so
   * theirs can't follow it: once this one stands, nobody will need what is in their folders.
   */
  async #folders(): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const { folders } of this.#bucket.list(this.#root, { folders: true })) found.push(...folders);
    return found.filter((folder) => isFolderOfFiles(folder.slice(this.#root.length, -1)));
  }
}
