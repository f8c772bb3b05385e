import type { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import type { S3Settings } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { type Content, wholeOf } from '../text/pieces.ts';
import { makeS3Client } from './s3-client.ts';
import { s3Error } from './s3-errors.ts';
import { linkMaker } from './s3-links.ts';
import { factsOf, type ListedObject, type ListedPage, type ListOptions, pageOf, unquoted } from './s3-listing.ts';
import { abortUploadsBelow, putInParts } from './s3-multipart.ts';
import type { ByteRange, OpenFile } from './store.ts';

/** One bucket, with its failures as errors of ours (BUCKET_NOT_FOUND, STORE_…) after a bounded number of attempts. */
export interface Bucket {
  /**
   * In one request, or in parts where it's larger than `partBytes`; one with a condition always in one.
   *
   * @throws {FramescribeError} RESULT_CONFLICT: what was expected doesn't hold.
   */
  put(key: string, content: Content, facts: ObjectFacts, options?: PutOptions): Promise<void>;
  /** Null where there is no such object. */
  get(key: string): Promise<StoredObject | null>;
  /** As it comes from the server, or a part of it; null where there is no such object. */
  open(key: string, range?: ByteRange): Promise<OpenFile | null>;
  /** What is known of an object without reading it; null where there is none. */
  head(key: string): Promise<ListedObject | null>;
  /**
   * What lies below a prefix, page by page, in the order of the keys' bytes; with `folders` only down to the next `/`,
   * with `after` only what follows that key.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListedPage>;
  remove(keys: readonly string[]): Promise<void>;
  /** Removes everything below a prefix, and the parts of what somebody began to put there. */
  removeBelow(prefix: string): Promise<void>;
  /** A URL that whoever has it may read an object by, for a time. */
  link(key: string, expiresS: number): Promise<string>;
}

export interface ObjectFacts {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PutOptions {
  /** The ETag that the object must have now; null: there must be none. */
  readonly expected?: string | null;
  readonly signal?: AbortSignal | undefined;
}

export interface StoredObject {
  readonly bytes: Buffer;
  /** Without quotes: some servers compare it to the letter. */
  readonly etag: string;
}

/** A large body may take longer than a small request, down to this speed. */
const SLOWEST_BYTES_PER_MS = 64;
const MOST_KEYS_IN_A_REMOVAL = 1000;

/** Opens nothing yet: the first request does. Credentials come from the SDK's usual chain. */
export function openBucket(bucket: string, settings: S3Settings): Bucket {
  const client = makeS3Client(settings);
  const makeLink = linkMaker(bucket, settings);
  const url = (key: string) => `s3://${bucket}/${key}`;

  async function* list(prefix: string, { folders = false, after }: ListOptions = {}): AsyncGenerator<ListedPage> {
    const where = { Bucket: bucket, Prefix: prefix, ...(folders && { Delimiter: '/' }) };
    // A key may hold what XML has no way to write.
    const request = { ...where, EncodingType: 'url' as const, ...(after !== undefined && { StartAfter: after }) };
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({ ...request, ContinuationToken: next });
      const page = await client.send(command).catch(fail(`to list ${url(prefix)}`));
      yield pageOf(page);
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  const remove = async (keys: readonly string[]) => {
    for (let start = 0; start < keys.length; start += MOST_KEYS_IN_A_REMOVAL) {
      const Objects = keys.slice(start, start + MOST_KEYS_IN_A_REMOVAL).map((Key) => ({ Key }));
      const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await client.send(command).catch(fail(`to remove from s3://${bucket}`));
      const [first] = Errors;
      if (first) {
        throw new FramescribeError('STORE_REFUSED', `Expected to remove ${url(first.Key ?? '')}, got ${first.Code}`);
      }
    }
  };

  return {
    list,
    put: async (key, content, facts, { expected, signal } = {}) => {
      const [place, headers] = [{ Bucket: bucket, Key: key }, headersOf(facts, settings)];
      const requestTimeout = (length: number) => settings.requestTimeoutMs + Math.ceil(length / SLOWEST_BYTES_PER_MS);
      const put = async () => {
        if (content.byteLength > settings.partBytes && expected === undefined) {
          return putInParts(client, { ...place, headers, content }, settings, { requestTimeout, signal });
        }
        const Body = content instanceof Uint8Array ? content : wholeOf(content);
        const body = { Body, ContentLength: content.byteLength };
        const options = { requestTimeout: requestTimeout(content.byteLength), ...(signal && { abortSignal: signal }) };
        await client.send(new PutObjectCommand({ ...place, ...body, ...headers, ...conditionOf(expected) }), options);
      };
      await put().catch(fail(`to put ${url(key)}`));
    },
    get: async (key) => {
      const what = `to read ${url(key)}`;
      for (let attempt = 1; ; attempt++) {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key });
        const answer = await client.send(command).catch((error) => (isAbsence(error) ? null : fail(what)(error)));
        if (answer === null) return null;
        try {
          const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
          return { bytes, etag: unquoted(answer.ETag) };
        } catch (error) {
          // The SDK makes its attempts for the head of an answer only.
          if (attempt >= settings.maxAttempts) fail(what)(error);
        }
      }
    },
    open: async (key, range) => {
      const part = range && { Range: `bytes=${range.startByte}-${range.endByte}` };
      const answer = await client
        .send(new GetObjectCommand({ Bucket: bucket, Key: key, ...part }))
        .catch((error) => (isAbsence(error) ? null : fail(`to read ${url(key)}`)(error)));
      if (answer === null) return null;
      const whole = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
      // In Node.js the SDK's body is a stream of Node.js.
      return { body: answer.Body as Readable, bytes: Number(whole ?? answer.ContentLength ?? 0) };
    },
    head: async (key) => {
      const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
      const found = await client
        .send(command)
        .catch((error) => (isAbsence(error) ? null : fail(`to look at ${url(key)}`)(error)));
      return found && factsOf(key, found.ContentLength, found.ETag, found.LastModified);
    },
    remove,
    removeBelow: async (prefix) => {
      for await (const { objects } of list(prefix)) await remove(objects.map(({ key }) => key));
      await abortUploadsBelow(client, bucket, prefix).catch(fail(`to give up uploads below ${url(prefix)}`));
    },
    link: (key, expiresS) => makeLink(key, expiresS).catch(fail(`a link to ${url(key)}`)),
  };
}

function headersOf(facts: ObjectFacts, settings: S3Settings): Partial<PutObjectCommandInput> {
  const { serverSideEncryption, kmsKeyId, storageClass } = settings;
  return {
    ContentType: facts.contentType,
    ...(facts.cacheControl !== '' && { CacheControl: facts.cacheControl }),
    Metadata: { ...facts.metadata },
    ...(serverSideEncryption !== '' && { ServerSideEncryption: serverSideEncryption }),
    ...(kmsKeyId !== '' && { SSEKMSKeyId: kmsKeyId }),
    // The SDK lists the classes of AWS; other servers name their own.
    ...(storageClass !== '' && { StorageClass: storageClass as PutObjectCommandInput['StorageClass'] }),
  };
}

function conditionOf(expected: string | null | undefined): Partial<PutObjectCommandInput> {
  if (expected === undefined) return {};
  return expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected };
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound');
}

function fail(what: string): (cause: unknown) => never {
  return (cause) => {
    throw s3Error(what, cause);
  };
}
