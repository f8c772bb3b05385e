import { readFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canStartRedis } from '../services/redis-server.ts';
import { makeBucket, type TestBucket } from '../services/s3-bucket.ts';
import { canStartS3Server, type S3Server, startS3Server } from '../services/s3-server.ts';
import { framescribe } from './framescribe.ts';
import { collect, openTown, type Town, work } from './queue-site.ts';

const BUCKET = 'uploads';

describe.runIf(canStartRedis() && canStartS3Server())('videos through the queue, from S3 to S3', () => {
  let town: Town;
  let server: S3Server;
  let bucket: TestBucket;
  beforeAll(async () => {
    town = await openTown();
    server = await startS3Server();
    bucket = await makeBucket(server, BUCKET);
  });
  afterAll(async () => {
    bucket?.client.destroy();
    await server?.stop();
    await town[Symbol.asyncDispose]();
  });

  test('an upload ends in a bucket, and verifies; the same again from two workers is not made twice', async () => {
    const Body = await readFile(town.clip);
    await bucket.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'new/clip one.y4m', Body }));
    const store = `s3://${BUCKET}/results`;
    await using site = town.site({ ...bucket.env, FRAMESCRIBE_QUEUE_STORE: store });
    const { env, producer } = site;
    await using _first = await work(env);
    await using _second = await work(env);
    const source = `s3://${BUCKET}/new/clip one.y4m`;
    const submitted = await Promise.all([1, 2, 3].map(() => producer.describe({ source })));
    expect(new Set(submitted.map(({ id }) => id)).size).toBe(1);
    const [{ id } = { id: '' }] = submitted;
    expect((await collect(producer.events(id))).at(-1)?.kind).toBe('completed');
    const place = (await producer.result(id))?.place ?? '';
    expect(place).toBe(`${store}/clip-one-${id}`);
    const verified = await framescribe(['verify', place], bucket.env);
    expect(verified.exitCode, verified.stdout).toBe(0);
    expect(await producer.counts()).toMatchObject({ completed: 1, failed: 0 });
  });

  test('an object that is not there fails at once with its code', async () => {
    await using site = town.site({ ...bucket.env, FRAMESCRIBE_QUEUE_STORE: `s3://${BUCKET}/results` });
    const { env, producer } = site;
    await using _worker = await work(env);
    const { id } = await producer.describe({ source: `s3://${BUCKET}/absent.mp4` });
    await collect(producer.events(id));
    expect(await producer.status(id)).toMatchObject({
      state: 'failed',
      attempts: 1,
      failure: { code: 'SOURCE_NOT_FOUND' },
    });
  });
});
