import { basename, dirname, resolve } from 'node:path';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { folderStore } from './folder-store.ts';
import { parseS3Url } from './s3-url.ts';
import type { Store } from './store.ts';

/**
 * The store at a place that a person names: a folder, or `s3://bucket` with or without a prefix.
 *
 * @throws {FramescribeError} USAGE
 */
export async function openStore(place: string, settings: Config['storage']): Promise<Store> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) return folderStore(place);
  const location = parseS3Url(place);
  // Whoever stays with folders doesn't wait for the AWS SDK to load.
  const { s3Store } = await import('./s3-store.ts');
  return s3Store(location, settings.s3);
}

/** One result of a store. */
export interface StoredResult {
  readonly store: Store;
  readonly name: string;
}

/**
 * The result at a place that a person names: `folder/name` or `s3://bucket/prefix/name`.
 *
 * @throws {FramescribeError} USAGE
 */
export async function openResult(place: string, settings: Config['storage']): Promise<StoredResult> {
  if (!place.includes('://')) {
    const path = resolve(place);
    return { store: folderStore(dirname(path)), name: basename(path) };
  }
  const parts = place.replace(/\/+$/, '').split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length < 4) throw new FramescribeError('USAGE', `Expected s3://bucket/prefix/name, got ${place}`);
  return { store: await openStore(parts.slice(0, -1).join('/'), settings), name };
}
