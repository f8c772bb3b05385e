import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as startRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Config } from '../../src/domain/config.ts';
import { makeBucket, type TestBucket } from '../services/s3-bucket.ts';
import { canStartS3Server, type S3Server, startS3Server } from '../services/s3-server.ts';
import { fetchInto, settingsWith, VIDEO } from './fetching.ts';

const BUCKET = 'uploads';
const SHA256 = createHash('sha256').update(VIDEO).digest('hex');

describe.runIf(canStartS3Server())('a source in S3', () => {
  let server: S3Server;
  let bucket: TestBucket;
  beforeAll(async () => {
    server = await startS3Server();
    bucket = await makeBucket(server, BUCKET);
    for (const [name, value] of Object.entries(bucket.env)) vi.stubEnv(name, value);
    await put('films/My dog.mp4', VIDEO);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    bucket?.client.destroy();
    await server?.stop();
  });

  const put = (Key: string, Body: Buffer) => bucket.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

  function s3Settings(endpoint = server.endpoint, fetch: Partial<Config['fetch']> = {}): Config {
    const settings = settingsWith(fetch);
    return { ...settings, storage: { ...settings.storage, s3: { ...bucket.settings, endpoint, maxAttempts: 1 } } };
  }

  test('comes as the bytes that it is', async () => {
    const fetched = await fetchInto(`s3://${BUCKET}/films/My dog.mp4`, s3Settings());
    expect(fetched).toMatchObject({ bytes: VIDEO.length, sha256: SHA256, name: 'My dog.mp4' });
    expect((await readFile(fetched.path)).equals(VIDEO)).toBe(true);
  });

  test('is taken at its word: a key is no path and no URL', async () => {
    const key = '../a b%20c/../è?x=1#y.mp4';
    await put(key, Buffer.from('video'));
    expect(await fetchInto(`s3://${BUCKET}/${key}`, s3Settings())).toMatchObject({ bytes: 5 });
  });

  test('goes on after a lost connection, with the same object only', async () => {
    const ranges: (string | undefined)[] = [];
    const proxy = await startDroppingProxy(server.endpoint, ({ headers }) => {
      ranges.push(headers.range);
      return ranges.length < 3 ? 1_200_000 : null;
    });
    const fetched = await fetchInto(`s3://${BUCKET}/films/My dog.mp4`, s3Settings(proxy));
    expect(fetched).toMatchObject({ bytes: VIDEO.length, sha256: SHA256 });
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/), expect.stringMatching(/^bytes=\d+-$/)]);
  });

  test('starts again where the object is another by then', async () => {
    await put('changing.mp4', VIDEO);
    const newer = Buffer.concat([Buffer.from('newer'), VIDEO.subarray(0, 2_000_000)]);
    let requests = 0;
    const proxy = await startDroppingProxy(server.endpoint, async () => {
      if (++requests === 2) await put('changing.mp4', newer);
      return requests === 1 ? 1_200_000 : null;
    });
    const fetched = await fetchInto(`s3://${BUCKET}/changing.mp4`, s3Settings(proxy));
    expect((await readFile(fetched.path)).equals(newer)).toBe(true);
    expect(fetched.sha256).toBe(createHash('sha256').update(newer).digest('hex'));
  });

  test('is left where the server freezes, and on request', async () => {
    const source = `s3://${BUCKET}/films/My dog.mp4`;
    server.pause();
    onTestFinished(() => server.resume());
    const impatient = s3Settings(server.endpoint, { stallTimeoutMs: 300, maxAttempts: 1 });
    await expect(fetchInto(source, impatient)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    const signal = AbortSignal.timeout(200);
    await expect(fetchInto(source, s3Settings(), { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('is refused with a code that says why', async () => {
    await put('empty.mp4', Buffer.alloc(0));
    const source = `s3://${BUCKET}/films/My dog.mp4`;
    const small = s3Settings();
    for (const [named, settings, code] of [
      [`s3://${BUCKET}/missing.mp4`, s3Settings(), 'SOURCE_NOT_FOUND'],
      ['s3://no-such-bucket/a.mp4', s3Settings(), 'SOURCE_NOT_FOUND'],
      [`s3://${BUCKET}/empty.mp4`, s3Settings(), 'SOURCE_EMPTY'],
      [source, { ...small, limits: { ...small.limits, maxBytes: 1000 } }, 'SOURCE_TOO_LARGE'],
      [source, s3Settings(server.endpoint, { buckets: 'others, of-ours' }), 'SOURCE_REFUSED_ADDRESS'],
      [source, s3Settings('http://127.0.0.1:1', { maxAttempts: 1 }), 'SOURCE_UNREACHABLE'],
    ] as const) {
      await expect(fetchInto(named, settings)).rejects.toMatchObject({ code });
    }
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
    await expect(fetchInto(source, s3Settings())).rejects.toMatchObject({ code: 'STORE_CREDENTIALS_INVALID' });
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', bucket.env.AWS_SECRET_ACCESS_KEY);
    expect(await fetchInto(source, s3Settings(server.endpoint, { buckets: `a, ${BUCKET}` }))).toMatchObject({
      sha256: SHA256,
    });
  });
});

/** Passes requests on, and breaks an answer off after so many bytes of its body. */
async function startDroppingProxy(
  target: string,
  dropAfter: (request: IncomingMessage) => number | null | Promise<number | null>,
): Promise<string> {
  const { hostname, port } = new URL(target);
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    const drop = await dropAfter(request);
    let left = drop ?? Number.POSITIVE_INFINITY;
    const onward = startRequest({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (chunk: Buffer) => {
        if (left <= 0) return;
        left -= chunk.length;
        response.write(chunk, () => left <= 0 && response.destroy());
      });
      answer.on('end', () => left > 0 && response.end());
    });
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
