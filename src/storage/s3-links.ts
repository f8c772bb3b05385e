import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3Settings } from '../domain/config.ts';
import { makeS3Client } from './s3-client.ts';

/** Makes URLs with a signature in them, each good for one object and some time. The server isn't asked. */
export function linkMaker(Bucket: string, settings: S3Settings): (Key: string, expiresS: number) => Promise<string> {
  let client: S3Client | null = null;
  return (Key, expiresIn) => {
    client ??= makeS3Client({ ...settings, endpoint: settings.linkEndpoint || settings.endpoint });
    return getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn });
  };
}
