import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, listOf } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { addressRule } from '../network/addresses.ts';
import { type Network, systemNetwork } from '../network/network.ts';
import { requireSpace } from './disk-space.ts';
import { download } from './download.ts';
import { localSource } from './local-source.ts';
import type { Remote } from './remote.ts';
import { readReference, type SourceReference } from './source-reference.ts';
import { webSource } from './web-source.ts';

/** A source on the local disk. */
export interface FetchedSource {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
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
}

type FetchSettings = Pick<Config, 'fetch' | 'limits' | 'storage' | 'temp'>;

/** Says nothing of what is in it: neither FFmpeg nor anybody else is to guess by a name. */
const FILE = 'source';

/**
 * Brings a source to the local disk: `https://…` (never from an address that isn't public, unless allowed),
 * `s3://bucket/key`, or a path below a folder that the settings allow. Nothing is left behind where it fails.
 *
 * @throws {FramescribeError} SOURCE_…, DISK_FULL, DEADLINE_EXCEEDED, CANCELLED
 */
export async function fetchSource(
  source: string,
  settings: FetchSettings,
  options: FetchOptions,
): Promise<FetchedSource> {
  const { signal, folder, claim, onProgress = () => {} } = options;
  const reference = readReference(source);
  const path = join(folder, FILE);
  const { deadlineMs, stallTimeoutMs, maxAttempts } = settings.fetch;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  try {
    await using remote = await openRemote(reference, settings, options.network ?? systemNetwork);
    signal.throwIfAborted();
    const downloaded = await download(remote, path, {
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
    return { path, ...downloaded, name: reference.name };
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    if (signal.aborted) throw stopped(signal);
    if (deadline.signal.aborted) {
      throw new FramescribeError('DEADLINE_EXCEEDED', `Expected ${reference.name} within ${deadlineMs} ms, got less`);
    }
    throw FramescribeError.from(error);
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
