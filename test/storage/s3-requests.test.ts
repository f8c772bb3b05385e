import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import defaults from '../../config/default.json' with { type: 'json' };
import { config, type S3Settings } from '../../src/domain/config.ts';
import { s3Store } from '../../src/storage/s3-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { type Heard, startAnsweringMachine } from '../services/answering-machine.ts';
import { begin, publish } from './store-contract.ts';

const SECRET = 'a-secret-that-nobody-may-see';

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKTEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

function storeAt(endpoint: string, changes: Partial<S3Settings> = {}): Store {
  const settings = { ...config.parse(defaults).storage.s3, endpoint, region: 'us-east-1', forcePathStyle: true };
  return s3Store({ bucket: 'results', prefix: 'some/prefix/' }, { ...settings, maxAttempts: 2, ...changes });
}

/** Says yes to whatever is put, and that nothing is there. */
function emptyBucket({ method }: Heard, response: ServerResponse): void {
  if (method === 'PUT') response.end();
  else refuse(response, 404, 'NoSuchKey');
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${SECRET}</Message></Error>`);
}

describe('the requests of an S3 store', () => {
  test('carry what the settings say of encryption, storage class and caches, for files and manifest', async () => {
    await using machine = await startAnsweringMachine(emptyBucket);
    const changes = {
      serverSideEncryption: 'aws:kms',
      kmsKeyId: 'arn:aws:kms:eu-central-1:1:key/k',
      storageClass: 'STANDARD_IA',
      cacheControl: 'public, max-age=60',
    } as const;
    await publish(storeAt(machine.url, changes), 'clip', { 'result.json': '{}' });
    const puts = machine.heard.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ headers }) => headers['cache-control'])).toEqual(['public, max-age=60', 'no-cache']);
    for (const { headers } of puts) {
      expect(headers).toMatchObject({
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:eu-central-1:1:key/k',
        'x-amz-storage-class': 'STANDARD_IA',
      });
    }
  });

  test('say nothing of encryption and storage class where the settings are silent', async () => {
    await using machine = await startAnsweringMachine(emptyBucket);
    await publish(storeAt(machine.url, { cacheControl: '' }), 'clip', { 'result.json': '{}' });
    const [file, manifest] = machine.heard.filter(({ method }) => method === 'PUT');
    expect(
      Object.keys(file?.headers ?? {}).filter((name) => /encryption|storage-class|cache-control/.test(name)),
    ).toEqual([]);
    expect(manifest?.headers['cache-control']).toBe('no-cache');
  });

  test('put the manifest last and on a condition', async () => {
    await using machine = await startAnsweringMachine(emptyBucket);
    await publish(storeAt(machine.url), 'clip', { 'a.txt': 'a', 'b.txt': 'b' });
    const puts = machine.heard.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined, '*']);
    expect(puts.at(-1)?.path).toMatch(/^\/results\/some\/prefix\/clip\/manifest\.json(\?|$)/);
  });

  test('are at most as many at a time as the settings say, so that few files are held in memory', async () => {
    const held: (() => void)[] = [];
    let most = 0;
    const answerAll = () => {
      for (const answer of held.splice(0)) answer();
    };
    await using machine = await startAnsweringMachine((request, response) => {
      if (request.method !== 'PUT' || !request.path.includes('.txt')) return emptyBucket(request, response);
      held.push(() => emptyBucket(request, response));
      most = Math.max(most, held.length);
      // A fourth would come meanwhile; with fewer at a time no answer ever comes.
      if (held.length === 3) setTimeout(answerAll, 20);
    });
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.txt`, 'text']));
    await publish(storeAt(machine.url, { concurrency: 3 }), 'clip', files);
    expect(most).toBe(3);
  });

  test.each([
    ['WHEN_SUPPORTED', true],
    ['WHEN_REQUIRED', false],
  ] as const)('with checksums %s have one: %j, and always a known length', async (mode, expected) => {
    await using machine = await startAnsweringMachine(emptyBucket);
    const store = storeAt(machine.url, { requestChecksumCalculation: mode });
    await publish(store, 'clip', { 'result.json': '{}' });
    for (const { headers } of machine.heard.filter(({ method }) => method === 'PUT')) {
      expect(headers['x-amz-checksum-crc32'] !== undefined).toBe(expected);
      expect(headers['transfer-encoding']).toBeUndefined();
      expect(Number(headers['content-length'])).toBeGreaterThan(1);
    }
  });

  test.each([
    [403, 'AccessDenied', 'STORE_ACCESS_DENIED', 1],
    [403, 'ExpiredToken', 'STORE_CREDENTIALS_INVALID', 1],
    [400, 'InvalidStorageClass', 'STORE_REFUSED', 1],
    [501, 'NotImplemented', 'STORE_REFUSED', 1],
    [503, 'SlowDown', 'STORE_UNREACHABLE', 3],
    [500, 'InternalError', 'STORE_UNREACHABLE', 3],
  ])('answered by %i %s end in %s after a bounded number of attempts', async (status, code, ours, attempts) => {
    await using machine = await startAnsweringMachine((_, response) => refuse(response, status, code));
    const check = storeAt(machine.url, { maxAttempts: 3 }).check();
    await expect(check).rejects.toMatchObject({ code: ours, message: expect.not.stringContaining(SECRET) });
    expect(machine.heard).toHaveLength(attempts);
  });

  test.each([
    ['never answered', () => {}],
    [
      'answered by half a body',
      (_: Heard, response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '1000', etag: '"e"' });
        response.write('half');
      },
    ],
  ])('%s end in STORE_TIMEOUT within their bound', async (_, answer) => {
    await using machine = await startAnsweringMachine(answer);
    const store = storeAt(machine.url, { requestTimeoutMs: 200 });
    const startedMs = performance.now();
    await expect(store.read('clip', 'result.json')).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });

  test.each([
    [1, 'a whole one'],
    [2, 'STORE_UNREACHABLE'],
  ])('answered by %i broken bodies end in %s', async (broken, expected) => {
    let answers = 0;
    await using machine = await startAnsweringMachine(({ path }, response) => {
      if (path.includes('manifest.json')) return void response.end('{}');
      if (++answers > broken) return void response.end('a whole one');
      response.writeHead(200, { 'content-length': '11' });
      response.write('half', () => response.destroy());
    });
    const reading = storeAt(machine.url, { maxAttempts: 2 }).read('clip', 'a.txt');
    expect(await reading.then(String, (error) => error.code)).toBe(expected);
  });

  test('stop at once when they are asked to', async () => {
    await using machine = await startAnsweringMachine(({ method }, response) => {
      if (method === 'GET') refuse(response, 404, 'NoSuchKey');
    });
    const stop = new AbortController();
    const publication = await begin(storeAt(machine.url), 'clip', { 'a.txt': 'a' }, { signal: stop.signal });
    const commit = publication.commit();
    const startedMs = performance.now();
    stop.abort();
    await expect(commit).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  test('are not made without credentials', async () => {
    await using machine = await startAnsweringMachine(emptyBucket);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/absent');
    await expect(storeAt(machine.url).check()).rejects.toMatchObject({ code: 'STORE_CREDENTIALS_INVALID' });
    expect(machine.heard).toEqual([]);
  });
});
