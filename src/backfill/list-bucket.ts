import type { Bucket } from '../storage/s3-bucket.ts';
import type { Listing } from './listing.ts';

/** The objects below a prefix of a bucket; positions are keys. */
export function listBucket(bucket: Pick<Bucket, 'list'>, bucketName: string, prefix: string): Listing {
  return async function* (after) {
    for await (const { objects } of bucket.list(prefix, after === null ? {} : { after })) {
      yield objects.map(({ key, bytes, etag, modifiedMs }) => ({
        position: key,
        source: `s3://${bucketName}/${key}`,
        path: key.slice(prefix.length),
        facts: { bytes, version: etag, modifiedMs },
        labels: {},
      }));
    }
  };
}
