import { randomBytes } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { S3Settings } from '../../src/domain/config.ts';
import { openBucket } from '../../src/storage/s3-bucket.ts';
import type { ListedObject } from '../../src/storage/s3-listing.ts';
import { s3Store } from '../../src/storage/s3-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { keptPieces, wholeOf } from '../../src/text/pieces.ts';
import { type Fate, startProxy } from '../services/proxy.ts';
import { makeBucket, type TestBucket } from '../services/s3-bucket.ts';
import { canStartS3Server, type S3Server, startS3Server } from '../services/s3-server.ts';
import { begin, contents, keepsTheContract, publish } from './store-contract.ts';

const BUCKET = 'results';

describe.runIf(canStartS3Server())('an S3 store', () => {
  let server: S3Server;
  let client: S3Client;
  let settings: S3Settings;
  let env: TestBucket['env'];
  beforeAll(async () => {
    server = await startS3Server();
    ({ client, settings, env } = await makeBucket(server, BUCKET));
    setEnvironment(env);
  });
  afterEach(() => server.resume());
  afterAll(async () => {
    vi.unstubAllEnvs();
    client?.destroy();
    await server?.stop();
  });

  function setEnvironment(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  }

  async function keysBelow(prefix: string): Promise<readonly string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
    return Contents.map(({ Key = '' }) => Key.slice(prefix.length)).sort();
  }

  async function uploadsBelow(prefix: string): Promise<readonly string[]> {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: prefix }));
    return Uploads.map(({ Key = '' }) => Key);
  }

  function newStore(changes: Partial<S3Settings> = {}): { store: Store; prefix: string } {
    const prefix = `tests/${randomBytes(6).toString('hex')}/`;
    return { store: s3Store({ bucket: BUCKET, prefix }, { ...settings, ...changes }), prefix };
  }

  test('lists keys of every kind as they are, from any of them on', async () => {
    const keys = [
      '/lead',
      'a//b',
      'a/../up',
      './dot',
      'line\nbreak',
      'cr\r\nlf',
      'ctl\u0001',
      'a+b c%2B',
      'ü 視頻🎬',
      '?q=1#h',
    ];
    for (const key of keys) await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `odd/${key}`, Body: key }));
    const bucket = openBucket(BUCKET, settings);
    const list = async (after?: string) => {
      const found: ListedObject[] = [];
      for await (const { objects } of bucket.list('odd/', after === undefined ? {} : { after })) found.push(...objects);
      return found;
    };
    const all = await list();
    expect(all.map(({ key }) => key).sort()).toEqual(keys.map((key) => `odd/${key}`).sort());
    for (const [index, facts] of all.entries()) {
      // A header has whole seconds.
      const modifiedMs = Math.floor(facts.modifiedMs / 1000) * 1000;
      expect(await bucket.head(facts.key)).toEqual({ ...facts, modifiedMs });
      expect(await list(facts.key)).toEqual(all.slice(index + 1));
    }
    expect(await bucket.head('odd/absent')).toBeNull();
  });

  keepsTheContract(async () => {
    const { store, prefix } = newStore();
    return { store, everything: () => keysBelow(prefix) };
  });

  test('lays a result out below its name: the manifest, and one folder with its files', async () => {
    const { store, prefix } = newStore();
    await publish(store, 'clip', { 'result.json': '{}', 'keyframes/k0001.jpg': 'picture' });
    const keys = await keysBelow(prefix);
    const folder = JSON.parse(String(await store.read('clip', 'manifest.json'))).folder;
    expect(keys).toEqual([`clip/${folder}/keyframes/k0001.jpg`, `clip/${folder}/result.json`, 'clip/manifest.json']);
    expect(store.locate('clip')).toBe(`s3://${BUCKET}/${prefix}clip`);
  });

  test.each([
    ['result.json', 'application/json'],
    ['report.html', 'text/html; charset=utf-8'],
    ['captions.vtt', 'text/vtt; charset=utf-8'],
    ['keyframes/k0001.jpg', 'image/jpeg'],
    ['model.bin', 'application/octet-stream'],
  ])('stores %s as %s with its hash, its schema and a long life in caches', async (file, contentType) => {
    const { store, prefix } = newStore();
    await publish(store, 'clip', { [file]: '{}' });
    const { folder } = JSON.parse(String(await store.read('clip', 'manifest.json')));
    const head = (key: string) => client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `${prefix}clip/${key}` }));
    expect(await head(`${folder}/${file}`)).toMatchObject({
      ContentType: contentType,
      CacheControl: 'private, max-age=31536000, immutable',
      Metadata: {
        'framescribe-schema': 'framescribe/result@1',
        sha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      },
    });
    expect(await head('manifest.json')).toMatchObject({
      ContentType: 'application/json',
      CacheControl: 'no-cache',
      Metadata: { 'framescribe-schema': 'framescribe/manifest@1' },
    });
  });

  test.each(['WHEN_REQUIRED', 'WHEN_SUPPORTED'] as const)('keeps bytes as they are with checksums %s', async (mode) => {
    const { store } = newStore({ requestChecksumCalculation: mode, responseChecksumValidation: mode });
    const bytes = randomBytes(9_000_000);
    for (const _ of ['first', 'replaced']) {
      const publication = await store.begin('clip');
      await publication.put('large.bin', bytes);
      await publication.put('empty.bin', Buffer.alloc(0));
      await publication.commit();
    }
    expect((await store.read('clip', 'large.bin')).equals(bytes)).toBe(true);
    expect(await store.read('clip', 'empty.bin')).toHaveLength(0);
  });

  test('lists, replaces and aborts results of more than a page of files', async () => {
    const { store, prefix } = newStore({ concurrency: 32 });
    const many = Object.fromEntries(Array.from({ length: 1010 }, (_, i) => [`keyframes/k${i}.jpg`, `${i}`]));
    await publish(store, 'clip', many);
    expect(await store.list('clip')).toEqual([...Object.keys(many), 'manifest.json'].sort());
    const second = await begin(store, 'clip', many);
    await second.abort();
    await publish(store, 'clip', { 'result.json': '{}' });
    expect(await keysBelow(prefix)).toHaveLength(2);
  });

  test('leaves alone what others keep beside a result', async () => {
    const { store, prefix } = newStore();
    await publish(store, 'clip', { 'a.txt': 'a' });
    for (const Key of [`${prefix}clip/notes/diary.txt`, `${prefix}clip/diary.txt`, `${prefix}clip2/a.txt`]) {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'mine' }));
    }
    await publish(store, 'clip', { 'a.txt': 'b' });
    expect(await keysBelow(prefix)).toHaveLength(5);
    expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'b' });
  });

  test('removes what other writers have put who can not win any more, parts of large files too', async () => {
    const { store, prefix } = newStore();
    const writer = await begin(store, 'clip', { 'a.txt': 'half' });
    await vi.waitFor(async () => expect(await keysBelow(prefix)).toHaveLength(1));
    const [key = ''] = await keysBelow(prefix);
    const place = { Bucket: BUCKET, Key: `${prefix}${key.replace('a.txt', 'large.bin')}` };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
    const part = { ...place, UploadId, PartNumber: 1, Body: randomBytes(5 << 20) };
    await client.send(new UploadPartCommand(part));

    await publish(store, 'clip', { 'a.txt': 'first' });
    expect(await keysBelow(prefix)).toHaveLength(2);
    expect(await uploadsBelow(prefix)).toEqual([]);
    await expect(writer.commit()).rejects.toMatchObject({ code: 'RESULT_CONFLICT' });
    await writer.abort();
    expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'first' });
  });

  test('leaves alone what a writer puts who began when this result stood', async () => {
    const { store } = newStore();
    await publish(store, 'clip', { 'a.txt': 'first' });
    const next = await begin(store, 'clip', { 'a.txt': 'second' });
    await expect(publish(store, 'clip', { 'a.txt': 'late' }, { replaces: null })).rejects.toMatchObject({
      code: 'RESULT_CONFLICT',
    });
    await next.commit();
    expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'second' });
  });

  test('lets a writer lose whose files went with a result that stood and was removed meanwhile', async () => {
    const { store } = newStore();
    const late = await begin(store, 'clip', { 'a.txt': 'late' });
    await publish(store, 'clip', { 'a.txt': 'first' });
    await store.remove('clip');
    await expect(late.commit()).rejects.toMatchObject({ code: 'RESULT_CONFLICT' });
    expect(await store.revision('clip')).toBeNull();
  });

  describe('with files in parts', () => {
    const partBytes = 5 << 20;

    test.each(['WHEN_REQUIRED', 'WHEN_SUPPORTED'] as const)(
      'keeps bytes and facts, with checksums %s',
      async (mode) => {
        const { store, prefix } = newStore({
          partBytes,
          requestChecksumCalculation: mode,
          responseChecksumValidation: mode,
        });
        const text = randomBytes(3_000_000).toString('base64');
        const slices = Array.from({ length: 41 }, (_, index) => text.slice(index * 100_003, (index + 1) * 100_003));
        const pieces = keptPieces([...slices, ...slices]);
        const files = { 'large.bin': randomBytes(12_000_000), 'exact.bin': randomBytes(2 * partBytes) };
        const publication = await store.begin('clip');
        for (const [name, bytes] of Object.entries(files)) await publication.put(name, bytes);
        await publication.put('pieces.txt', pieces);
        await publication.commit();
        expect((await store.read('clip', 'pieces.txt')).equals(wholeOf(pieces))).toBe(true);
        for (const [name, bytes] of Object.entries(files)) {
          expect((await store.read('clip', name)).equals(bytes)).toBe(true);
          const Key = `${prefix}${(await keysBelow(prefix)).find((key) => key.endsWith(name))}`;
          const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
          expect(head.ETag).toMatch(/-[23]"$/);
          expect(head.CacheControl).toContain('immutable');
          expect(head.Metadata?.sha256).toMatch(/^[0-9a-f]{64}$/);
        }
      },
    );

    test.each([
      ['lose-answer', 'uploadId='],
      ['lose-request', 'uploadId='],
    ] as const)('gets over a lost request: %s of the first attempt at each part and at the end', async (fate, mark) => {
      const seen = new Set<string>();
      await using proxy = await startProxy(server.endpoint, ({ method, url = '' }) => {
        const key = `${method} ${url}`;
        if (!url.includes(mark) || seen.has(key)) return 'pass';
        seen.add(key);
        return fate;
      });
      const { store } = newStore({ partBytes, endpoint: proxy.url });
      const bytes = randomBytes(11_000_000);
      const publication = await store.begin('clip');
      await publication.put('large.bin', bytes);
      await publication.commit();
      expect(seen.size).toBe(4);
      expect((await store.read('clip', 'large.bin')).equals(bytes)).toBe(true);
    });

    test('gives up the parts that were sent where the rest does not get through, or is no longer wanted', async () => {
      const stop = new AbortController();
      for (const before of [() => {}, () => stop.abort()]) {
        await using proxy = await startProxy(server.endpoint, ({ url = '' }) => {
          if (!url.includes('partNumber=2')) return 'pass';
          before();
          return 'lose-request';
        });
        const { store, prefix } = newStore({ partBytes, endpoint: proxy.url, maxAttempts: 2 });
        const publication = await store.begin('clip', { signal: stop.signal });
        await publication.put('large.bin', randomBytes(11_000_000));
        await expect(publication.commit()).rejects.toMatchObject({
          code: expect.stringMatching(/STORE_UNR|CANCELLED/),
        });
        await publication.abort();
        expect(await uploadsBelow(prefix)).toEqual([]);
        expect(await keysBelow(prefix)).toEqual([]);
      }
    });
  });

  describe('gives links', () => {
    test('by which anybody reads each file for a time, and nobody reads another one or writes', async () => {
      const { store } = newStore();
      await publish(store, 'clip ü', { 'result.json': '{}', 'keyframes/k0001.jpg': 'picture' });
      const links = await store.links('clip ü', 2);
      expect(links.map(({ file }) => file)).toEqual(['manifest.json', 'keyframes/k0001.jpg', 'result.json']);
      const [, picture] = links;
      const url = picture?.url ?? '';
      const answer = await fetch(url);
      expect([answer.status, await answer.text()]).toEqual([200, 'picture']);
      expect(answer.headers.get('content-type')).toBe('image/jpeg');
      expect((await fetch(url.replace('k0001.jpg', 'k0002.jpg'))).status).toBe(403);
      expect((await fetch(url, { method: 'PUT', body: 'mine' })).status).toBe(403);
      expect(url).not.toContain(env.AWS_SECRET_ACCESS_KEY);
      await vi.waitFor(async () => expect((await fetch(url)).status).toBe(403), { timeout: 8_000, interval: 500 });
    });

    test('to the server that readers reach, where that has another address', async () => {
      await using proxy = await startProxy(server.endpoint, () => 'pass');
      const { store } = newStore({ linkEndpoint: proxy.url });
      await publish(store, 'clip', { 'result.json': '{}' });
      const [manifest] = await store.links('clip', 60);
      expect(manifest?.url.startsWith(proxy.url)).toBe(true);
      expect((await fetch(manifest?.url ?? '')).status).toBe(200);
    });
  });

  describe('when something is wrong', () => {
    test.each([
      ['BUCKET_NOT_FOUND', 'absent-bucket', {}],
      ['STORE_UNREACHABLE', BUCKET, { endpoint: 'http://127.0.0.1:1', maxAttempts: 2 }],
      ['STORE_UNREACHABLE', BUCKET, { endpoint: 'http://no-such-host.invalid', maxAttempts: 1 }],
    ])('says %s for bucket %s with %j', async (code, bucket, changes) => {
      const store = s3Store({ bucket, prefix: '' }, { ...settings, ...changes });
      for (const work of [() => store.check(), () => store.begin('clip'), () => store.list('clip')]) {
        await expect(work()).rejects.toMatchObject({ code, message: expect.stringContaining(`s3://${bucket}/`) });
      }
    });

    test.each([{ AWS_SECRET_ACCESS_KEY: 'wrong' }, { AWS_ACCESS_KEY_ID: 'AKNOBODY' }])(
      'says STORE_CREDENTIALS_INVALID for %j',
      async (wrong) => {
        setEnvironment(wrong);
        const { store } = newStore();
        await expect(store.check()).rejects.toMatchObject({ code: 'STORE_CREDENTIALS_INVALID' });
        setEnvironment(env);
      },
    );

    test('says STORE_ACCESS_DENIED where a policy forbids to write', async () => {
      const { store, prefix } = newStore();
      const Statement = [
        { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/${prefix}*` },
      ];
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
      await client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
      await expect(publish(store, 'clip', { 'a.txt': 'a' })).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
      await client.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    });

    test('says STORE_TIMEOUT within its bound when the server freezes mid-way, and aborts once it is back', async () => {
      const { store, prefix } = newStore({ requestTimeoutMs: 1000, maxAttempts: 2 });
      const publication = await begin(store, 'clip', { 'a.txt': 'a' });
      server.pause();
      const startedMs = performance.now();
      await publication.put('b.txt', Buffer.from('b'));
      await expect(publication.commit()).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
      expect(performance.now() - startedMs).toBeLessThan(5000);
      server.resume();
      await publication.abort();
      expect(await keysBelow(prefix)).toEqual([]);
    });

    test.each(['lose-answer', 'lose-request'] as const)(
      'gets over a lost request: %s of the first attempt at each',
      async (fate) => {
        const seen = new Set<string>();
        await using proxy = await startProxy(server.endpoint, ({ method, url = '' }) => {
          const key = `${method} ${url}`;
          if (method !== 'PUT' || seen.has(key)) return 'pass';
          seen.add(key);
          return fate;
        });
        const { store } = newStore({ endpoint: proxy.url });
        for (const text of ['first', 'second']) {
          await publish(store, 'clip', { 'a.txt': text });
          seen.clear();
          expect(await contents(store, 'clip')).toEqual({ 'a.txt': text });
        }
      },
    );

    test('never takes files away from a manifest that was stored without an answer', async () => {
      let fate: Fate = 'pass';
      await using proxy = await startProxy(server.endpoint, ({ url = '' }) =>
        url.includes('manifest.json') ? fate : 'pass',
      );
      const { store, prefix } = newStore({ endpoint: proxy.url, maxAttempts: 1 });
      const publication = await begin(store, 'clip', { 'a.txt': 'a' });
      fate = 'lose-answer';
      await expect(publication.commit()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      await publication.abort();
      fate = 'pass';
      expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'a' });
      expect(await keysBelow(prefix)).toHaveLength(2);
    });

    test('says STORE_UNREACHABLE within its bound when the server ends mid-way', async () => {
      const { store } = newStore({ maxAttempts: 3 });
      const publication = await begin(store, 'clip', { 'a.txt': 'a' });
      await server.stop();
      const startedMs = performance.now();
      await expect(publication.commit()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      await publication.abort();
      expect(performance.now() - startedMs).toBeLessThan(10_000);
    });
  });
});
