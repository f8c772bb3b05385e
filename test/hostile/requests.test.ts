import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VideoItem, VideoList } from '../../src/server/contract/index.ts';
import { openStreet, putExample, type Site, type Street, untilSo } from '../server/site.ts';
import { canStartRedis } from '../services/redis-server.ts';

const SECRET = 'nobody may read this';

describe.skipIf(!canStartRedis())('a server that is asked by somebody hostile', { timeout: 30_000 }, () => {
  let street: Street;
  let site: Site;
  let token = '';
  let id = '';

  beforeAll(async () => {
    street = await openStreet();
    const secret = join(street.folder, 'secret.txt');
    await writeFile(secret, SECRET);
    const limits = { FRAMESCRIBE_SERVER_REQUEST_MS: '700', FRAMESCRIBE_SERVER_UPLOADS_MAX_BYTES: '1000' };
    site = await street.site(limits, async (store) => {
      await putExample(store, 'a-day');
      const folder = store.locate('a-day');
      await rm(join(folder, 'captions.vtt'));
      await symlink(secret, join(folder, 'captions.vtt'));
      await symlink(street.folder, store.locate('linked'));
    });
    await mkdir(site.media, { recursive: true });
    await symlink(secret, join(site.media, 'linked.mp4'));
    token = await site.token('admin');
    const { videos } = await untilSo(
      () => list(),
      ({ videos }) => videos.length > 0,
    );
    id = videos[0]?.id ?? '';
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await street?.[Symbol.asyncDispose]();
  });

  const ask = (path: string, { headers, ...init }: RequestInit = {}) =>
    fetch(site.url + path, { redirect: 'manual', ...init, headers: { authorization: `Bearer ${token}`, ...headers } });
  const list = async () => (await (await ask('/v1/videos')).json()) as VideoList;
  const post = (body: string, type = 'application/json') =>
    ask('/v1/videos', { method: 'POST', headers: { 'content-type': type }, body });
  const upload = (headers: Record<string, string>) =>
    ask('/v1/uploads', { method: 'POST', headers: { 'tus-resumable': '1.0.0', ...headers } });

  /** Sends bytes as they are, and reads until the server ends the connection. */
  const raw = (text: string, withinMs = 5_000) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(site.url);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.setTimeout(withinMs, () => socket.destroy(new Error(`No end within ${withinMs} ms: ${answer}`)));
      socket.on('data', (bytes) => {
        answer += bytes;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });
  const head = (path: string, more: string) =>
    `${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`;

  const nested = `{"source":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  const metadata = (name: string) => `filename ${Buffer.from(name).toString('base64')}`;

  /** What is sent, and the status and code of the answer. */
  const attempts: readonly (readonly [string, () => Promise<Response>, number, string])[] = [
    ['a body that is too large', () => post(`{"source":"${'a'.repeat(2 << 20)}"}`), 413, 'BODY_TOO_LARGE'],
    ['10,000 nested arrays', () => post(nested), 400, 'REQUEST_INVALID'],
    ['JSON that is none', () => post('{"source":'), 400, 'REQUEST_INVALID'],
    ['wrong types', () => post('{"source":{"toString":1},"priority":7}'), 400, 'REQUEST_INVALID'],
    [
      'fields that nobody asked for',
      () => post('{"source":"https://a.example/b.mp4","admin":true}'),
      400,
      'REQUEST_INVALID',
    ],
    [
      'a prototype',
      () => post('{"source":"https://a.example/b.mp4","__proto__":{"need":"public"}}'),
      400,
      'REQUEST_INVALID',
    ],
    ['another type of body', () => post('<video/>', 'application/xml'), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    [
      'an address with a password',
      () => post('{"source":"https://me:secret@a.example/b.mp4"}'),
      400,
      'REQUEST_INVALID',
    ],
    ['a path out of a result', () => ask(`/v1/videos/${id}/artifacts/..%2f..%2fsecret.txt`), 404, 'ARTIFACT_NOT_FOUND'],
    ['a path with a NUL', () => ask(`/v1/videos/${id}/artifacts/result.json%00.jpg`), 404, 'ARTIFACT_NOT_FOUND'],
    ['an id that is a path', () => ask('/v1/videos/..%2f..%2fetc/result'), 400, 'REQUEST_INVALID'],
    ['an id that is SQL', () => ask(`/v1/videos/${encodeURIComponent("v' or 1=1 --")}`), 400, 'REQUEST_INVALID'],
    ['a percent sign that means nothing', () => ask('/v1/videos/%zz'), 400, 'REQUEST_INVALID'],
    [
      'a link in the store that leads out',
      () => ask(`/v1/videos/${id}/artifacts/captions.vtt`),
      404,
      'ARTIFACT_NOT_FOUND',
    ],
    [
      'a range behind the end',
      () => ask(`/v1/videos/${id}/result`, { headers: { range: 'bytes=99999999-' } }),
      416,
      'RANGE_UNSATISFIABLE',
    ],
    [
      'a range without an end or a start',
      () => ask(`/v1/videos/${id}/result`, { headers: { range: 'bytes=-' } }),
      416,
      'RANGE_UNSATISFIABLE',
    ],
    [
      'a thousand ranges',
      () => ask(`/v1/videos/${id}/result`, { headers: { range: `bytes=${'0-0,'.repeat(1000)}1-1` } }),
      416,
      'RANGE_UNSATISFIABLE',
    ],
    ['a cursor made up', () => ask('/v1/videos?cursor=W10'), 400, 'REQUEST_INVALID'],
    ['a page without end', () => ask('/v1/videos?limit=99999999999999999999'), 400, 'REQUEST_INVALID'],
    ['a thousand words to look for', () => ask(`/v1/videos?q=${'a '.repeat(190)}`), 400, 'USAGE'],
    [
      'an event that never was',
      () => ask('/v1/events', { headers: { 'last-event-id': '0-0 or so' } }),
      400,
      'REQUEST_INVALID',
    ],
    [
      'an upload that is too large',
      () => upload({ 'upload-length': '1001', 'upload-metadata': metadata('a.mp4') }),
      413,
      'UPLOAD_TOO_LARGE',
    ],
    [
      'an upload of negative length',
      () => upload({ 'upload-length': '-1', 'upload-metadata': metadata('a.mp4') }),
      400,
      'REQUEST_INVALID',
    ],
    [
      'an upload whose name has a line break',
      () => upload({ 'upload-length': '4', 'upload-metadata': metadata('a\r\nset-cookie: b') }),
      400,
      'REQUEST_INVALID',
    ],
    [
      'an upload id that is a path',
      () => ask('/v1/uploads/..%2fsources', { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } }),
      400,
      '',
    ],
    [
      'a token that is long',
      () => ask('/v1/videos', { headers: { authorization: `Bearer fs_${'a'.repeat(5_000)}` } }),
      401,
      'UNAUTHENTICATED',
    ],
    ['a request of another site, with the cookie', () => otherSite('https://evil.example'), 403, 'FORBIDDEN'],
  ];
  const otherSite = (origin: string) =>
    fetch(`${site.url}/v1/videos/${id}/retry`, { method: 'POST', headers: { cookie: `framescribe=${token}`, origin } });

  test.each(attempts)('refuses %s', async (_, attempt, status, code) => {
    const answer = await attempt();
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(text).not.toContain(SECRET);
    if (code !== '') expect(JSON.parse(text)).toMatchObject({ status, code, advice: expect.stringMatching(/\.$/) });
  });

  test.each([
    [
      'headers that break into others',
      () => head(`GET /v1/videos/${id}`, 'X-A: b\r\n : c\r\nConnection: close\r\n'),
      400,
    ],
    ['two lengths', () => head('POST /v1/videos', 'Content-Length: 5\r\nContent-Length: 6\r\n'), 400],
    ['a length and chunks', () => head('POST /v1/videos', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), 400],
    ['headers of 100 kB', () => head('GET /v1/videos', `X-A: ${'a'.repeat(100_000)}\r\n`), 400],
    ['headers that never end', () => `GET /v1/videos HTTP/1.1\r\nHost: localhost\r\nX-A: `, 408],
    [
      'a body that never ends',
      () => `${head('POST /v1/videos', 'Content-Type: application/json\r\nContent-Length: 100\r\n')}{"s`,
      408,
    ],
    ['what is no HTTP', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ])('ends %s with a clear answer', async (_, text, status) => {
    expect(await raw(text())).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('shows no file by a link, neither as a result nor as a video', async () => {
    const { id: linked } = await site.producer.describe({ source: join(site.media, 'linked.mp4') });
    expect((await ask(`/v1/videos/${linked}/media`)).status).toBe(404);
    expect((await list()).videos.map(({ name }) => name)).not.toContain('linked');
  });

  test('hands names and labels through as data, and lets no browser run what is in a result', async () => {
    const name = '<script>alert(1)</script>\u202e.mp4';
    const submitted = await post(JSON.stringify({ source: 'https://a.example/x.mp4', labels: { name } }));
    expect(submitted.headers.get('content-type')).toContain('application/json');
    expect((await submitted.json()) as VideoItem).toMatchObject({ name: '<script>alert(1)</script>.mp4' });
    const report = await ask(`/v1/videos/${id}/artifacts/report.html?download=1`);
    expect(report.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(report.headers.get('x-content-type-options')).toBe('nosniff');
    expect(report.headers.get('content-disposition')).toBe(
      `attachment; filename="report.html"; filename*=UTF-8''report.html`,
    );
  });

  test('lets no page of another origin read or send anything', async () => {
    const answer = await ask('/v1/videos', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(`${site.url}/v1/videos`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect((await otherSite(site.url)).status).toBe(200);
  });

  test('has lost nothing by all that', async () => {
    expect((await ask(`/v1/videos/${id}/result`)).status).toBe(200);
    expect((await fetch(`${site.url}/healthz`)).status).toBe(200);
  });
});
