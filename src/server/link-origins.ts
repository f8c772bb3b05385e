import { type Config, listOf } from '../domain/config.ts';
import { linkMaker } from '../storage/s3-links.ts';
import { parseS3Url } from '../storage/s3-url.ts';

/** Where links to files in S3 lead: what the page may load pictures and videos from, beside the server itself. */
export interface LinkOrigins {
  readonly pictures: readonly string[];
  readonly videos: readonly string[];
}

export const NO_LINKS: LinkOrigins = { pictures: [], videos: [] };

/**
 * Pictures are in the store of the results, videos in whatever buckets sources may lie in. A server whose settings say
 * nothing of S3 lets the page load from nowhere else.
 */
export async function linkOrigins({
  queue,
  storage,
  fetch,
}: Pick<Config, 'queue' | 'storage' | 'fetch'>): Promise<LinkOrigins> {
  const { s3 } = storage;
  const originOf = async (bucket: string) => new URL(await linkMaker(bucket, s3)('example', 60)).origin;
  const pictures = queue.store.startsWith('s3://') ? [await originOf(parseS3Url(queue.store).bucket)] : [];
  const buckets = listOf(fetch.buckets);
  const isAsked = pictures.length > 0 || s3.endpoint !== '' || s3.linkEndpoint !== '' || buckets.length > 0;
  const originsOfSources = async () =>
    buckets.length > 0 ? Promise.all(buckets.map(originOf)) : [everyOf(await originOf(ANY))];
  // Without credentials there are no links to sources either.
  const videos = isAsked ? await originsOfSources().catch(() => []) : [];
  return { pictures, videos: [...new Set([...pictures, ...videos])] };
}

const ANY = 'any-bucket';

/** Where the bucket is part of the host, all of them. */
function everyOf(origin: string): string {
  return origin.replace(`//${ANY}.`, '//*.');
}
