import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Remote } from '../fetch/remote.ts';
import { s3Source } from '../fetch/s3-source.ts';
import { readReference } from '../fetch/source-reference.ts';
import { probe } from '../media/probe.ts';
import { makeS3Client } from '../storage/s3-client.ts';

/** Of an object: headers and indexes lie at one of its ends. */
const END_BYTES = 8 << 20;

/**
 * How long a video claims to be, by its two ends; null where it can't be told, or where it isn't a video.
 *
 * @param folder for a file of its size that holds its ends only.
 * @throws {FramescribeError} STORE_…, SOURCE_UNREACHABLE
 */
export async function lengthOf(
  source: string,
  config: Config,
  folder: string,
  signal: AbortSignal,
): Promise<number | null> {
  const reference = readReference(source);
  if (reference.kind === 'web') return null;
  try {
    if (reference.kind === 'local') return (await probe(reference.path, config, signal)).claimedDurationMs;
    const client = makeS3Client(config.storage.s3);
    const path = join(folder, 'ends');
    try {
      await copyEnds(s3Source(client, reference.bucket, reference.key), path, signal);
    } finally {
      client.destroy();
    }
    return (await probe(path, config, signal)).claimedDurationMs;
  } catch (error) {
    const known = FramescribeError.from(error);
    if (known.kind.exitCode === 3 && !known.kind.retryable) return null;
    throw known;
  }
}

async function copyEnds(remote: Remote, path: string, signal: AbortSignal): Promise<void> {
  await using file = await open(path, 'w');
  const first = await remote.open(null, signal);
  const { totalBytes, revision } = first;
  await copy(first.body, file, 0);
  if (totalBytes === null || totalBytes <= END_BYTES) return;
  await file.truncate(totalBytes);
  if (revision === null) return;
  const last = await remote.open({ bytes: Math.max(END_BYTES, totalBytes - END_BYTES), revision }, signal);
  await copy(last.body, file, last.startBytes);
}

async function copy(body: AsyncIterable<Buffer>, file: FileHandle, fromBytes: number): Promise<void> {
  let at = fromBytes;
  for await (const chunk of body) {
    await file.write(chunk, 0, chunk.length, at);
    at += chunk.length;
    if (at - fromBytes >= END_BYTES) return;
  }
}
