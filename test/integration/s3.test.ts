import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CopyObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testClip } from '../../src/pipeline/test-clip.ts';
import { makeBucket, type TestBucket } from '../services/s3-bucket.ts';
import { canStartS3Server, type S3Server, startS3Server } from '../services/s3-server.ts';
import { framescribe } from './framescribe.ts';

const BUCKET = 'results';

describe.runIf(canStartS3Server())('framescribe with results in S3', () => {
  let server: S3Server;
  let bucket: TestBucket;
  let folder = '';
  let clip = '';
  beforeAll(async () => {
    server = await startS3Server();
    bucket = await makeBucket(server, BUCKET);
    folder = await mkdtemp(join(tmpdir(), 's3-results-'));
    clip = join(folder, 'clip.y4m');
    await writeFile(clip, testClip());
  });
  afterAll(async () => {
    bucket?.client.destroy();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function keys(): Promise<readonly string[]> {
    const { Contents = [] } = await bucket.client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    return Contents.map(({ Key = '' }) => Key);
  }

  test('caption puts a result there, which verifies until a byte of it differs', async () => {
    const place = `s3://${BUCKET}/some/prefix`;
    const caption = await framescribe(['caption', clip, '--out', place], bucket.env);
    expect(caption).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${place}/clip`) });
    expect(caption.stderr).not.toMatch(/warning/i);
    const stored = await keys();
    expect(stored.filter((key) => !/^some\/prefix\/clip\/(manifest\.json|files-[0-9a-f]{16}\/.+)$/.test(key))).toEqual(
      [],
    );
    expect(stored).toHaveLength(12);
    expect(await framescribe(['verify', `${place}/clip`], bucket.env)).toMatchObject({ exitCode: 0 });

    const [picture = '', other = ''] = stored.filter((key) => key.endsWith('.jpg'));
    const copy = { Bucket: BUCKET, Key: picture, CopySource: `${BUCKET}/${other}` };
    await bucket.client.send(new CopyObjectCommand(copy));
    const verify = await framescribe(['verify', `${place}/clip`], bucket.env);
    expect(verify).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('keyframes/k0001.jpg: ') });
  });

  test('says before any work what keeps it from the bucket', async () => {
    const run = await framescribe(['caption', clip, '--out', 's3://absent-bucket/x'], bucket.env);
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('[BUCKET_NOT_FOUND]') });
    expect(run.stderr).not.toContain('model ');
  });
});
