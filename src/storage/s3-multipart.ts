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

/** One object, with whatever describes it. */
export interface LargeObject {
  readonly Bucket: string;
  readonly Key: string;
  readonly headers: Partial<PutObjectCommandInput>;
  readonly bytes: Uint8Array;
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
  { Bucket, Key, headers, bytes }: LargeObject,
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
    const partBytes = Math.max(settings.partBytes, Math.ceil(bytes.byteLength / MOST_PARTS));
    const Parts: CompletedPart[] = [];
    for (let from = 0; from < bytes.byteLength; from += partBytes) {
      const Body = bytes.subarray(from, from + partBytes);
      const PartNumber = Parts.length + 1;
      const part = { ...upload, ...algorithm, PartNumber, Body, ContentLength: Body.byteLength };
      const options = { requestTimeout: requestTimeout(Body.byteLength), ...ends };
      const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand(part), options);
      Parts.push({ PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) });
    }
    const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
    const options = { requestTimeout: requestTimeout(bytes.byteLength), ...ends };
    await client.send(command, options).catch(async (error: unknown) => {
      // An attempt whose answer was lost has done it: the next one finds nothing more to put together.
      const isGone = error instanceof Error && error.name === 'NoSuchUpload';
      if (isGone && (await lengthOf(client, Bucket, Key)) === bytes.byteLength) return;
      throw error;
    });
  } catch (error) {
    // Parts cost storage and are in no list of objects. Where this fails too, a rule of the bucket removes them.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
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
