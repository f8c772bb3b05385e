import { stat } from 'node:fs/promises';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { readReference } from '../fetch/source-reference.ts';
import { type Bucket, openBucket } from '../storage/s3-bucket.ts';
import type { FileFacts } from './filters.ts';

/** Looks at a source without reading it. Null for one that only its reader can tell of, such as a URL. */
export type Look = (source: string) => Promise<FileFacts | null>;

/** @throws {FramescribeError} from the look: SOURCE_NOT_FOUND, SOURCE_UNREADABLE, SOURCE_NOT_A_FILE, STORE_… */
export function lookAtSources(settings: Config['storage']): Look {
  const buckets = new Map<string, Bucket>();
  return async (source) => {
    const reference = readReference(source);
    if (reference.kind === 'local') return lookAtFile(reference.path);
    if (reference.kind === 'web') return null;
    const bucket = buckets.get(reference.bucket) ?? openBucket(reference.bucket, settings.s3);
    buckets.set(reference.bucket, bucket);
    return lookAtObject(bucket, reference.key, source);
  };
}

async function lookAtFile(path: string): Promise<FileFacts> {
  const facts = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code === 'EACCES' || cause.code === 'EPERM' ? 'SOURCE_UNREADABLE' : 'SOURCE_NOT_FOUND';
    throw new FramescribeError(code, `Expected a file at ${path}, got ${cause.code}`, { cause });
  });
  if (!facts.isFile()) throw new FramescribeError('SOURCE_NOT_A_FILE', `Expected a file, got none: ${path}`);
  // The same as `submit` says it.
  return { bytes: facts.size, version: `${facts.size} ${facts.mtimeMs}`, modifiedMs: facts.mtimeMs };
}

async function lookAtObject(bucket: Bucket, key: string, source: string): Promise<FileFacts> {
  const found = await bucket.head(key).catch((error) => {
    const known = FramescribeError.from(error);
    if (known.code !== 'STORE_ACCESS_DENIED') throw known;
    throw new FramescribeError('SOURCE_UNREADABLE', known.message, { cause: error });
  });
  if (found === null) throw new FramescribeError('SOURCE_NOT_FOUND', `Expected an object at ${source}, got none`);
  return { bytes: found.bytes, version: found.etag, modifiedMs: found.modifiedMs };
}
