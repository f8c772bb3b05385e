import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, listOf } from '../domain/config.ts';
import { type ErrorCode, FramescribeError } from '../domain/errors.ts';
import { addressRule } from '../network/addresses.ts';
import { type Network, systemNetwork } from '../network/network.ts';
import { requireSpace } from './disk-space.ts';
import { type DownloadOptions, download, type Part } from './download.ts';
import { localSource } from './local-source.ts';
import type { PartialDownloads } from './partial-downloads.ts';
import type { Remote } from './remote.ts';
import { readReference, type SourceReference } from './source-reference.ts';
import { webSource } from './web-source.ts';

/** A source on the local disk. */
export interface FetchedSource {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** By which its server tells these bytes from others; null where it doesn't. */
  readonly revision: string | null;
  /** For people: the last part of the source's path, without credentials or query. */
  readonly name: string;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Where the file goes, under a name of ours. */
  readonly folder: string;
  /** Asked before so many bytes more are written, such as `WorkFolder.claim`. */
  readonly claim?: (bytes: number) => Promise<void>;
  readonly onProgress?: (bytes: number, totalBytes: number | null) => void;
  readonly network?: Network;
  /** Goes on with what is there, and lets the next process do so. */
  readonly partials?: PartialDownloads;
}

type FetchSettings = Pick<Config, 'fetch' | 'limits' | 'storage' | 'temp'>;

/** After these somebody else, or a further try, goes on with what is there. */
const RESUMABLE: readonly ErrorCode[] = ['SOURCE_UNREACHABLE', 'WORKER_LOST'];

/** Says nothing of what is in it: neither FFmpeg nor anybody else is to guess by a name. */
export const SOURCE_FILE = 'source';

/**
 * Brings a source to the local disk: `https://…` (never from an address that isn't public, unless allowed),
 * `s3://bucket/key`, or a path below a folder that the settings allow. Nothing is left behind where it fails, but what a
 * further try can go on with.
 *
 * @throws {FramescribeError} SOURCE_…, DISK_FULL, DEADLINE_EXCEEDED, CANCELLED
 */
export async function fetchSource(
  source: string,
  settings: FetchSettings,
  options: FetchOptions,
): Promise<FetchedSource> {
  const { folder, partials } = options;
  const { name, kind } = readReference(source);
  const path = join(folder, SOURCE_FILE);
  try {
    const had = (await partials?.take(source, path)) ?? null;
    const downloaded = await reach(source, settings, options, (remote, limits) =>
      download(remote, path, {
        ...limits,
        ...(had && { had }),
        onRevision: async (revision) => partials?.note(source, revision, path),
      }),
    );
    await partials?.forget(path);
    // Another machine has other files under the same path.
    return { path, ...downloaded, revision: kind === 'local' ? null : downloaded.revision, name };
  } catch (error) {
    const known = FramescribeError.from(error);
    if (!RESUMABLE.includes(known.code)) await partials?.forget(path);
    await rm(path, { force: true }).catch(() => {});
    throw known;
  }
}

/**
 * Brings parts of a source, by their places, into a file that is there.
 *
 * @throws {FramescribeError} SOURCE_CHANGED: it's of another revision, or its server has no parts. SOURCE_…, DISK_FULL …
 */
export async function fetchParts(
  source: string,
  parts: readonly Part[],
  path: string,
  settings: FetchSettings,
  options: FetchOptions,
): Promise<void> {
  for (const part of parts) {
    await reach(source, settings, options, (remote, limits) => download(remote, path, { ...limits, part }));
  }
}

/** Opens a source for some work that ends within the deadline. */
async function reach<T>(
  source: string,
  settings: FetchSettings,
  { signal, folder, claim, onProgress = () => {}, network = systemNetwork }: FetchOptions,
  work: (remote: Remote, limits: DownloadOptions) => Promise<T>,
): Promise<T> {
  const { deadlineMs, stallTimeoutMs, maxAttempts } = settings.fetch;
  const reference = readReference(source);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  try {
    await using remote = await openRemote(reference, settings, network);
    signal.throwIfAborted();
    return await work(remote, {
      signal: AbortSignal.any([signal, deadline.signal]),
      maxBytes: settings.limits.maxBytes,
      stallTimeoutMs,
      maxAttempts,
      claim: async (bytes) => {
        await requireSpace(folder, bytes, settings.temp.keepFreeBytes);
        await claim?.(bytes);
      },
      onProgress,
    });
  } catch (error) {
    if (signal.aborted) throw stopped(signal);
    if (deadline.signal.aborted) {
      throw new FramescribeError('DEADLINE_EXCEEDED', `Expected ${reference.name} within ${deadlineMs} ms, got less`);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

type OpenRemote = Remote & AsyncDisposable;

async function openRemote(reference: SourceReference, settings: FetchSettings, network: Network): Promise<OpenRemote> {
  const { allowHttp, allowedNetworks, folders, buckets } = settings.fetch;
  switch (reference.kind) {
    case 'web': {
      const codes = { refused: 'SOURCE_REFUSED_ADDRESS', unreachable: 'SOURCE_UNREACHABLE' } as const;
      const way = { allowHttp, isAllowed: addressRule(listOf(allowedNetworks)), network, codes };
      return closing(webSource(reference.url, way), () => {});
    }
    case 'local':
      return closing(localSource(reference.path, listOf(folders)), () => {});
    case 's3': {
      const { bucket, key } = reference;
      const allowed = listOf(buckets);
      if (allowed.length > 0 && !allowed.includes(bucket)) {
        throw new FramescribeError('SOURCE_REFUSED_ADDRESS', `Expected a bucket of fetch.buckets, got ${bucket}`);
      }
      // Whoever fetches nothing from S3 doesn't wait for the AWS SDK to load.
      const [{ s3Source }, { makeS3Client }] = await Promise.all([
        import('./s3-source.ts'),
        import('../storage/s3-client.ts'),
      ]);
      const client = makeS3Client(settings.storage.s3);
      return closing(s3Source(client, bucket, key), () => client.destroy());
    }
  }
}

function closing(remote: Remote, close: () => void): OpenRemote {
  return { ...remote, [Symbol.asyncDispose]: async () => close() };
}

/** Whoever stops it may say why. */
function stopped({ reason }: AbortSignal): FramescribeError {
  if (reason instanceof FramescribeError) return reason;
  return new FramescribeError('CANCELLED', 'Stopped on request.', { cause: reason });
}
