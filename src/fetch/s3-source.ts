import type { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { type ErrorCode, FramescribeError } from '../domain/errors.ts';
import { s3Error } from '../storage/s3-errors.ts';
import { type Opened, type Position, type Remote, rangeHeader } from './remote.ts';

const ABSENT = ['NoSuchKey', 'NoSuchBucket', 'NotFound'];
/** InvalidObjectState: it's in an archive, and has to be thawed first. */
const UNREADABLE = ['InvalidObjectState', 'MethodNotAllowed'];

/** An object in a bucket. The client's own attempts come before ours. */
export function s3Source(client: S3Client, bucket: string, key: string): Remote {
  const label = `s3://${bucket}/${key}`;
  const get = (from: Position | null, signal: AbortSignal) => {
    const rest = from && { Range: rangeHeader(from), IfMatch: from.revision };
    return client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...rest }), { abortSignal: signal });
  };
  return {
    label,
    open: async (from, signal) => {
      try {
        return whatCame(await get(from, signal).catch((error) => wholeInstead(error, from, () => get(null, signal))));
      } catch (error) {
        throw sourceError(label, error);
      }
    },
  };
}

/** The object is another by now, or shorter: then it's wanted from its start. */
function wholeInstead<T>(error: unknown, from: Position | null, again: () => Promise<T>): Promise<T> {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (from !== null && (status === 412 || status === 416)) return again();
  throw error;
}

function whatCame({ Body, ContentLength, ContentRange, ETag }: GetObjectCommandOutput): Opened {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(ContentRange ?? '') ?? [];
  return {
    startBytes: Number(start ?? 0),
    totalBytes: total === undefined ? (ContentLength ?? null) : Number(total),
    revision: ETag ?? null,
    // In Node.js the SDK hands out a stream of Node.js.
    body: Body as Readable,
  };
}

function sourceError(label: string, cause: unknown): unknown {
  const { name = '', $metadata } = cause as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  const tell = (code: ErrorCode) => new FramescribeError(code, `Expected a file at ${label}, got ${status} ${name}`);
  if (ABSENT.includes(name)) return tell('SOURCE_NOT_FOUND');
  if (UNREADABLE.includes(name)) return tell('SOURCE_UNREADABLE');
  const error = s3Error(`to read ${label}`, cause);
  if (error.code === 'STORE_ACCESS_DENIED') return tell('SOURCE_UNREADABLE');
  const isPassing = error.code === 'STORE_UNREACHABLE' || error.code === 'STORE_TIMEOUT';
  return isPassing ? new FramescribeError('SOURCE_UNREACHABLE', error.message) : error;
}
