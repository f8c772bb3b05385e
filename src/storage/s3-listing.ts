import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';

export interface ListOptions {
  readonly folders?: boolean;
  readonly after?: string;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** Since 1970. */
  readonly modifiedMs: number;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  readonly folders: readonly string[];
}

/** An answer to ListObjectsV2 that was asked for with its keys encoded. */
export function pageOf({ Contents = [], CommonPrefixes = [], EncodingType }: ListObjectsV2CommandOutput): ListedPage {
  const plain = EncodingType === 'url' ? decoded : (text: string) => text;
  return {
    objects: Contents.map(({ Key = '', Size, ETag, LastModified }) => factsOf(plain(Key), Size, ETag, LastModified)),
    folders: CommonPrefixes.map(({ Prefix = '' }) => plain(Prefix)),
  };
}

/** As forms encode: a space may be `+`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return text; // Not UTF-8, so no key that anybody could ask for.
  }
}

export function factsOf(key: string, bytes = 0, etag?: string, modified?: Date): ListedObject {
  return { key, bytes, etag: unquoted(etag), modifiedMs: modified?.getTime() ?? 0 };
}

/** An ETag without its quotes: some servers compare it to the letter. */
export function unquoted(etag = ''): string {
  return etag.replaceAll('"', '');
}
