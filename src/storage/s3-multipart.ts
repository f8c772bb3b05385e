import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Settings } from '../domain/config.ts';
import { type Content, piecesOf } from '../text/pieces.ts';

/** One object, with whatever describes it. */
export interface LargeObject {
  readonly Bucket: string;
  readonly Key: string;
  readonly headers: Partial<PutObjectCommandInput>;
  readonly content: Content;
}

export interface PartOptions {
  readonly requestTimeout: (bytes: number) => number;
  readonly signal: AbortSignal | undefined;
}

/** What S3 takes at most for one object. */
const MOST_PARTS = 10_000;

/**
 * Puts an object in parts of `settings.partBytes`, one after another, each with attempts of its own: what gets lost on the
 * way is sent again by the part. Where it fails, the parts that were sent are given up.
 */
export async function putInParts(
  client: S3Client,
  { Bucket, Key, headers, content }: LargeObject,
  settings: S3Settings,
  { requestTimeout, signal }: PartOptions,
): Promise<void> {
  const ends = signal && { abortSignal: signal };
  const withChecksums = settings.requestChecksumCalculation === 'WHEN_SUPPORTED';
  const algorithm = withChecksums && { ChecksumAlgorithm: 'CRC32' as const };
  const start = new CreateMultipartUploadCommand({ Bucket, Key, ...headers, ...algorithm });
  const { UploadId } = await client.send(start, ends);
  const upload = { Bucket, Key, UploadId };
  try {
    const partBytes = Math.max(settings.partBytes, Math.ceil(content.byteLength / MOST_PARTS));
    const Parts: CompletedPart[] = [];
    for (const Body of partsOf(content, partBytes)) {
      const PartNumber = Parts.length + 1;
      const part = { ...upload, ...algorithm, PartNumber, Body, ContentLength: Body.byteLength };
      const options = { requestTimeout: requestTimeout(Body.byteLength), ...ends };
      const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand(part), options);
      Parts.push({ PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) });
    }
    const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
    const options = { requestTimeout: requestTimeout(content.byteLength), ...ends };
    await client.send(command, options).catch(async (error: unknown) => {
      // An attempt whose answer was lost has done it: the next one finds nothing more to put together.
      const isGone = error instanceof Error && error.name === 'NoSuchUpload';
      if (isGone && (await lengthOf(client, Bucket, Key)) === content.byteLength) return;
      throw error;
    });
  } catch (error) {
    // Parts cost storage and are in no list of objects. Where this fails too, a rule of the bucket removes them.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

/** A content in parts of so many bytes, the last one shorter; pieces that are shorter are put together. */
function* partsOf(content: Content, partBytes: number): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for (const piece of piecesOf(content)) {
    for (let from = 0; from < piece.byteLength; ) {
      const taken = piece.subarray(from, from + partBytes - length);
      waiting.push(taken);
      length += taken.byteLength;
      from += taken.byteLength;
      if (length < partBytes) continue;
      yield joined(waiting);
      [waiting, length] = [[], 0];
    }
  }
  if (length > 0) yield joined(waiting);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}

/** Gives up what was begun below a prefix by writers that have ended since. */
export async function abortUploadsBelow(client: S3Client, Bucket: string, Prefix: string): Promise<void> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
}

async function lengthOf(client: S3Client, Bucket: string, Key: string): Promise<number | null> {
  const head = await client.send(new HeadObjectCommand({ Bucket, Key })).catch(() => null);
  return head?.ContentLength ?? null;
}
