import { FramescribeError } from '../domain/errors.ts';

export interface S3Location {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/**
 * Reads `s3://bucket/some/prefix`, with or without a slash at the end. A prefix is taken to the letter: nothing in it
 * is decoded, and it has no empty, `.` or `..` part, which some servers and tools would fold.
 *
 * @throws {FramescribeError} USAGE
 */
export function parseS3Url(url: string): S3Location {
  const [, bucket, path = ''] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])(?:\/(.*))?$/su.exec(url) ?? [];
  const parts = path.replace(/\/$/, '').split('/');
  const isSafe = path === '' || parts.every((part) => part !== '' && !/^\.{1,2}$|[\\\p{Cc}\p{Cs}]/u.test(part));
  if (bucket !== undefined && isSafe) return { bucket, prefix: path === '' ? '' : `${parts.join('/')}/` };
  throw new FramescribeError('USAGE', `Expected a folder or s3://bucket/prefix, got ${url}`);
}
