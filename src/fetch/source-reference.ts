import { isAbsolute } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';

/** A source, read as what it is. Its name is for people: the last part of its path, without credentials or query. */
export type SourceReference =
  | { readonly kind: 'web'; readonly name: string; readonly url: URL }
  | { readonly kind: 's3'; readonly name: string; readonly bucket: string; readonly key: string }
  | { readonly kind: 'local'; readonly name: string; readonly path: string };

const LONGEST_NAME = 200;

/**
 * Reads `https://…`, `http://…`, `s3://bucket/key` (the key to the letter: nothing in it is decoded) or an absolute path.
 *
 * @throws {FramescribeError} SOURCE_UNSUPPORTED
 */
export function readReference(source: string): SourceReference {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme === 'https' || scheme === 'http') return webReference(source);
  if (scheme === 's3') return s3Reference(source);
  if (scheme === undefined && isAbsolute(source) && !source.includes('\0')) {
    return { kind: 'local', name: nameOf(source), path: source };
  }
  const got = scheme === undefined ? 'another text' : `${scheme}://…`;
  throw new FramescribeError(
    'SOURCE_UNSUPPORTED',
    `Expected https://…, s3://bucket/key or an absolute path, got ${got}`,
  );
}

function webReference(source: string): SourceReference {
  // The error of the URL parser holds the URL with its credentials.
  if (!URL.canParse(source)) throw new FramescribeError('SOURCE_UNSUPPORTED', 'Expected a URL, got one that is none');
  const url = new URL(source);
  return { kind: 'web', name: nameOf(percentDecoded(url.pathname)), url };
}

function s3Reference(source: string): SourceReference {
  const [, bucket, key] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])\/(.+)$/isu.exec(source) ?? [];
  if (bucket !== undefined && key !== undefined) return { kind: 's3', name: nameOf(key), bucket, key };
  throw new FramescribeError('SOURCE_UNSUPPORTED', 'Expected s3://bucket/key, got something else after s3://');
}

/** As it is where a `%` in it means nothing. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function nameOf(path: string): string {
  const last = path.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  const shown = last.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '');
  return Array.from(shown).slice(0, LONGEST_NAME).join('') || 'video';
}
