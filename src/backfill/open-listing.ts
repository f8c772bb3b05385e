import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { openBucket } from '../storage/s3-bucket.ts';
import { fileFilter } from './filters.ts';
import { listKept } from './kept-list.ts';
import { listBucket } from './list-bucket.ts';
import { listFolder } from './list-folder.ts';
import type { Entry, Listing } from './listing.ts';
import { parseBucketSource } from './make-spec.ts';
import type { RunPlace } from './run-place.ts';
import type { RunSpec } from './run-spec.ts';

/** The listing of a run's source. A list file has been kept in the run's place before. */
export function openListing({ source, kind }: RunSpec, place: RunPlace, settings: Config['storage']): Listing {
  if (kind === 'list') return listKept(place);
  const object = parseBucketSource(source);
  if (object === null) return listFolder(source);
  return listBucket(openBucket(object.bucket, settings.s3), object.bucket, object.prefix);
}

/**
 * @throws {FramescribeError} SOURCE_NOT_FOUND: there is nothing at all; and what keeps it from being listed:
 * BUCKET_NOT_FOUND, STORE_…, SOURCE_UNREADABLE
 */
export async function requireSomething(listing: Listing, source: string): Promise<void> {
  for await (const page of listing(null)) if (page.length > 0) return;
  throw new FramescribeError('SOURCE_NOT_FOUND', `Expected videos at ${source}, found nothing there`);
}

/** Goes through a whole listing by its names, and by size and age where the listing tells them. */
export async function* filtered(
  listing: Listing,
  spec: RunSpec,
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[]> {
  const filter = fileFilter(spec.filters, spec.kind === 'list');
  for await (const page of listing(null)) {
    signal.throwIfAborted();
    yield page.filter(({ path, facts }) => filter.byName(path) === null && (!facts || filter.byFacts(facts) === null));
  }
}

/** How many videos the filters let through. */
export async function countVideos(listing: Listing, spec: RunSpec, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const entries of filtered(listing, spec, signal)) count += entries.length;
  return count;
}
