import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import defaults from '../../config/default.json' with { type: 'json' };
import { config, type S3Settings } from '../../src/domain/config.ts';
import type { S3Server } from './s3-server.ts';

/** A new bucket, and three ways to it. */
export interface TestBucket {
  /** For a look behind the scenes. */
  readonly client: S3Client;
  readonly settings: S3Settings;
  /** Credentials and settings for a process of its own. */
  readonly env: Readonly<Record<string, string>>;
}

export async function makeBucket(server: S3Server, bucket: string): Promise<TestBucket> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    client,
    settings: { ...config.parse(defaults).storage.s3, endpoint, region, forcePathStyle: true },
    env: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      FRAMESCRIBE_STORAGE_S3_ENDPOINT: endpoint,
      FRAMESCRIBE_STORAGE_S3_REGION: region,
      FRAMESCRIBE_STORAGE_S3_FORCE_PATH_STYLE: 'true',
    },
  };
}
