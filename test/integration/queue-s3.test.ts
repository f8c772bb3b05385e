import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStore } from '../../src/storage/open-store.ts';
import { makeClip, source, X264 } from '../media/clips.ts';
import { startProxy } from '../services/proxy.ts';
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
    for (const [name, value] of Object.entries(bucket.env)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    bucket?.client.destroy();
    await server?.stop();
    await town[Symbol.asyncDispose]();
  });

  test('an upload ends in a bucket, and verifies; the same again from two workers is not made twice', async () => {
    const Body = await readFile(town.clip);
    await bucket.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'new/clip one.y4m', Body }));
    const store = `s3://${BUCKET}/results`;
    const requests: string[] = [];
    await using proxy = await startProxy(server.endpoint, ({ method = '' }) => {
      requests.push(method);
      return 'pass';
    });
    const counted = { FRAMESCRIBE_STORAGE_S3_ENDPOINT: proxy.url };
    await using site = town.site({ ...bucket.env, ...counted, FRAMESCRIBE_QUEUE_STORE: store });
    const { env, producer } = site;
    await using _first = await work(env);
    await using _second = await work(env);
    const upload = `s3://${BUCKET}/new/clip one.y4m`;
    const submitted = await Promise.all([1, 2, 3].map(() => producer.describe({ source: upload })));
    expect(new Set(submitted.map(({ id }) => id)).size).toBe(1);
    const [{ id } = { id: '' }] = submitted;
    const ready = requests.length;
    expect((await collect(producer.events(id))).at(-1)?.kind).toBe('completed');
    const place = (await producer.result(id))?.place ?? '';
    expect(place).toBe(`${store}/clip-one-${id}`);
    // A request a file, and few others; before them each worker has looked whether it may list.
    const files = await openStore(store, { s3: bucket.settings, patienceMs: 0 });
    const count = (await files.list(`clip-one-${id}`)).length;
    const others = requests.length - count;
    console.info(`${requests.length} requests to S3 for ${count} files, ${ready} of them before the job was taken`);
    expect(others).toBeLessThan(12);
    const verified = await framescribe(['verify', place], bucket.env);
    expect(verified.exitCode, verified.stdout).toBe(0);
    expect(await producer.counts()).toMatchObject({ completed: 1, failed: 0 });

    const links = await framescribe(['status', id, '--links', '--expires', '60'], env);
    expect(links.exitCode, links.stderr).toBe(0);
    const url = links.stdout.split('\n').find((line) => line.includes('/result.json?')) ?? '';
    expect(await (await fetch(url)).json()).toMatchObject({ schema: 'framescribe/result@1' });
  });

  test('a long upload is described in segments by two machines, each with the bytes that it needs: the result of `caption`', async () => {
    // The sound makes it large, and nobody decodes it.
    const inputs = [...source('testsrc2=size=160x90:rate=25'), ...source('sine=sample_rate=48000')];
    const args = ['-t', '150', '-c:a', 'pcm_s16le', '-ac', '4', ...X264, '-g', '50'];
    const film = makeClip(join(town.folder, 'film.mov'), ...inputs, ...args);
    const bytes = await readFile(film);
    await bucket.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'film.mov', Body: bytes }));
    const own = join(town.folder, 'own');
    await framescribe(['caption', film, '--out', own]);
    const store = { FRAMESCRIBE_QUEUE_STORE: `s3://${BUCKET}/films/`, FRAMESCRIBE_QUEUE_SEGMENT_MS: '30000' };
    const log = { FRAMESCRIBE_OBSERVE_LOG_FORMAT: 'json', FRAMESCRIBE_OBSERVE_LOG_LEVEL: 'debug' };
    await using site = town.site({ ...bucket.env, ...store, ...log });
    const { env, producer, temp } = site;
    await using first = await work(env);
    await using second = await work({ ...env, FRAMESCRIBE_TEMP_DIR: `${temp}b` });
    const { id } = await producer.describe({ source: `s3://${BUCKET}/film.mov` });
    expect((await collect(producer.events(id))).at(-1)).toMatchObject({ kind: 'completed' });
    expect((first.stderr() + second.stderr()).match(/completed: segment/g)).toHaveLength(5);
    const [planner = [], other = []] = [first, second]
      .map(({ stderr }) => bytesIn(stderr()))
      .sort((a, b) => Math.max(...b) - Math.max(...a));
    console.info(
      `a video of ${bytes.length} bytes: ${planner} came to whoever planned it, ${other} to the other machine`,
    );
    expect(sum(planner)).toBe(bytes.length);
    // Its first segment needs about half of it; how many more it gets is chance.
    expect(other[0]).toBeGreaterThan(0);
    expect(other[0]).toBeLessThan((2 / 3) * bytes.length);
    expect(sum(other)).toBeLessThanOrEqual(bytes.length);
    const place = (await producer.result(id))?.place ?? '';
    expect((await framescribe(['verify', place], bucket.env)).exitCode).toBe(0);
    const listed = await bucket.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'films/' }));
    const keys = listed.Contents?.map(({ Key = '' }) => Key) ?? [];
    expect(keys.filter((key) => !key.startsWith(`films/film-${id}/`))).toEqual([]);
    const Key = keys.find((key) => key.endsWith('/result.json'));
    const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const direct = await readFile(join(own, 'film', 'result.json'), 'utf8');
    expect(await Body?.transformToString()).toBe(direct);
  }, 120_000);

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

/** What came over the network with each job, by the log of a worker. */
function bytesIn(log: string): readonly number[] {
  return [...log.matchAll(/"event":"measured".*"bytesIn":(\d+)/g)].map(([, bytes]) => Number(bytes));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
