import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../src/queue/tokens.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { openStreet, putExample, type Site, type Street, untilSo } from './site.ts';

type Json = Record<string, unknown>;

/** How a route is asked for something, and what it answers then. */
interface Example {
  readonly path: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const TUS = { 'tus-resumable': '1.0.0' };
const WRONG: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['submit'],
  submit: ['read'],
  admin: ['read', 'submit'],
};

/** An operation of the OpenAPI document. */
interface Operation {
  readonly key: string;
  readonly need: Scope | 'any' | 'public';
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, { readonly schema: Json }> }>>;
}

describe.skipIf(!canStartRedis())('the routes', { timeout: 30_000 }, () => {
  let street: Street;
  let site: Site;
  let operations: readonly Operation[] = [];
  let document: Json = {};
  const tokens = new Map<string, string>();
  const ids = { job: '', other: '', third: '', fourth: '', result: '', edited: '', upload: '', upload2: '' };
  const ajv = new Ajv2020({ strict: false, validateFormats: true });
  addFormats.default(ajv);

  beforeAll(async () => {
    street = await openStreet();
    site = await street.site({}, async (store) => {
      await putExample(store, 'a-day');
      await putExample(store, 'another-day');
    });
    for (const scopes of [['read'], ['submit'], ['admin'], ['read', 'submit']] as const) {
      tokens.set(scopes.join(), await site.token(...scopes));
    }
    document = (await (await fetch(`${site.url}/v1/openapi.json`)).json()) as Json;
    operations = operationsOf(document);
    await mkdir(site.media, { recursive: true });
    await writeFile(join(site.media, 'clip.mp4'), 'not really a clip');
    const submit = (name: string) => site.producer.describe({ source: join(site.media, name) });
    const jobs = await Promise.all(['clip.mp4', '2.mp4', '3.mp4', '4.mp4'].map(submit));
    [ids.job = '', ids.other = '', ids.third = '', ids.fourth = ''] = jobs.map(({ id }) => id);
    const list = await untilSo(
      async () =>
        (await (await ask('GET', '/v1/videos?sort=name')).json()) as { videos: { id: string; name: string }[] },
      ({ videos }) => videos.length === 6,
    );
    [ids.result = '', ids.edited = ''] = list.videos.filter(({ id }) => id.startsWith('r')).map(({ id }) => id);
    ids.upload = await beginUpload();
    ids.upload2 = await beginUpload();
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await street?.[Symbol.asyncDispose]();
  });

  const ask = (
    method: string,
    path: string,
    { headers = {}, body }: Partial<Example> = {},
    token = tokens.get('admin'),
  ) =>
    fetch(site.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  const beginUpload = async () => {
    const metadata = `filename ${Buffer.from('clip.mp4').toString('base64')}`;
    const headers = { ...TUS, 'upload-length': '4', 'upload-metadata': metadata };
    const { headers: answer } = await ask('POST', '/v1/uploads', { headers });
    return (answer.get('location') ?? '').split('/').at(-1) ?? '';
  };

  /** Each route once, or more often where it can answer in more ways. A route that isn't here fails the test. */
  const examples = (): Readonly<Record<string, readonly Example[]>> => ({
    'GET /v1/videos': [
      { path: '/v1/videos?limit=2', status: 200 },
      { path: '/v1/videos?q=dog&tag=dog&state=completed', status: 200 },
      { path: '/v1/videos?limit=1000', status: 400 },
    ],
    'POST /v1/videos': [
      { path: '/v1/videos', status: 202, body: { source: 'https://example.com/clip.mp4', labels: { user: '17' } } },
      { path: '/v1/videos', status: 400, body: { source: 'nowhere' } },
    ],
    'GET /v1/videos/{id}': [
      { path: `/v1/videos/${ids.result}`, status: 200 },
      { path: `/v1/videos/${ids.job}`, status: 200 },
      { path: `/v1/videos/v${'0'.repeat(31)}`, status: 404 },
    ],
    'POST /v1/videos/{id}/cancel': [{ path: `/v1/videos/${ids.other}/cancel`, status: 200 }],
    'POST /v1/videos/{id}/retry': [{ path: `/v1/videos/${ids.third}/retry`, status: 200 }],
    'DELETE /v1/videos/{id}': [{ path: `/v1/videos/${ids.fourth}`, status: 204 }],
    'GET /v1/tags': [{ path: '/v1/tags?limit=5', status: 200 }],
    'GET /v1/videos/{id}/result': [
      { path: `/v1/videos/${ids.result}/result`, status: 200 },
      { path: `/v1/videos/${ids.job}/result`, status: 404 },
    ],
    'GET /v1/videos/{id}/artifacts': [{ path: `/v1/videos/${ids.result}/artifacts`, status: 200 }],
    'GET /v1/videos/{id}/artifacts/{*}': [
      { path: `/v1/videos/${ids.result}/artifacts/captions.vtt`, status: 200 },
      { path: `/v1/videos/${ids.result}/artifacts/keyframes/k0001.jpg`, status: 206, headers: { range: 'bytes=0-9' } },
      { path: `/v1/videos/${ids.result}/artifacts/absent.txt`, status: 404 },
      { path: `/v1/videos/${ids.result}/artifacts/captions.vtt`, status: 416, headers: { range: 'bytes=999999-' } },
    ],
    'GET /v1/videos/{id}/thumbnail': [{ path: `/v1/videos/${ids.result}/thumbnail`, status: 200 }],
    'GET /v1/videos/{id}/media': [{ path: `/v1/videos/${ids.job}/media`, status: 200 }],
    'GET /v1/videos/{id}/edits': [{ path: `/v1/videos/${ids.edited}/edits`, status: 200 }],
    'POST /v1/videos/{id}/edits': [
      {
        path: `/v1/videos/${ids.edited}/edits`,
        status: 200,
        body: { keyframe: 'k0001', caption: 'two seals on a rock' },
      },
      { path: `/v1/videos/${ids.edited}/edits`, status: 422, body: { keyframe: 'k9999', caption: 'nothing' } },
      {
        path: `/v1/videos/${ids.edited}/edits`,
        status: 409,
        headers: { 'if-match': `"sha256:${'0'.repeat(64)}"` },
        body: { keyframe: 'k0001', caption: 'what somebody else has changed meanwhile' },
      },
    ],
    'GET /v1/events': [{ path: '/v1/events', status: 200 }],
    'GET /v1/videos/{id}/events': [{ path: `/v1/videos/${ids.job}/events`, status: 200 }],
    'GET /v1/session': [{ path: '/v1/session', status: 200 }],
    'POST /v1/session': [
      { path: '/v1/session', status: 204, body: { token: tokens.get('read') } },
      { path: '/v1/session', status: 401, body: { token: 'fs_0' } },
    ],
    'DELETE /v1/session': [{ path: '/v1/session', status: 204 }],
    'GET /v1/overview': [{ path: '/v1/overview', status: 200 }],
    'GET /healthz': [{ path: '/healthz', status: 200 }],
    'GET /readyz': [{ path: '/readyz', status: 200 }],
    'GET /metrics': [{ path: '/metrics', status: 200 }],
    'POST /v1/uploads': [
      {
        path: '/v1/uploads',
        status: 201,
        headers: { ...TUS, 'upload-length': '3', 'upload-metadata': 'filename YQ==' },
      },
      { path: '/v1/uploads', status: 400, headers: { ...TUS, 'upload-length': '3' } },
    ],
    'OPTIONS /v1/uploads': [{ path: '/v1/uploads', status: 204 }],
    'GET /v1/uploads/{upload}': [{ path: `/v1/uploads/${ids.upload}`, status: 200 }],
    'HEAD /v1/uploads/{upload}': [{ path: `/v1/uploads/${ids.upload}`, status: 200, headers: TUS }],
    'PATCH /v1/uploads/{upload}': [
      {
        path: `/v1/uploads/${ids.upload}`,
        status: 204,
        headers: { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
        body: 'abcd',
      },
    ],
    'DELETE /v1/uploads/{upload}': [{ path: `/v1/uploads/${ids.upload2}`, status: 204, headers: TUS }],
  });

  test('are all in this test, and all of this test are there', () => {
    expect(operations.map(({ key }) => key).sort()).toEqual(Object.keys(examples()).sort());
    expect(operations.length).toBeGreaterThan(25);
  });

  test('ask for a token, and for the right scope', async () => {
    for (const { key, need } of operations) {
      const [method = '', example] = [key.split(' ')[0], examples()[key]?.[0]];
      if (need === 'public' || example === undefined) continue;
      const nobody = await ask(method, example.path, example, 'none');
      expect([key, nobody.status]).toEqual([key, 401]);
      expect(nobody.headers.get('www-authenticate')).toContain('Bearer');
      if (need === 'any') continue;
      const wrong = await ask(method, example.path, example, tokens.get(WRONG[need].join()));
      expect([key, wrong.status]).toEqual([key, 403]);
      if (method !== 'HEAD') expect([key, await wrong.json()]).toMatchObject([key, { code: 'FORBIDDEN', status: 403 }]);
    }
  });

  test('answer the right scope as their schemas say', async () => {
    for (const { key, need, responses } of operations) {
      const method = key.split(' ')[0] ?? '';
      for (const example of examples()[key] ?? []) {
        const token = tokens.get(need === 'public' || need === 'any' ? 'read' : need);
        const answer = await ask(method, example.path, example, token);
        const what = `${key} ${example.path}`;
        expect([what, answer.status]).toEqual([what, example.status]);
        await checkAnswer(what, answer, responses);
      }
    }
    expect(site.complaints).toEqual([]);
  });

  const checkAnswer = async (what: string, answer: Response, responses: Operation['responses']) => {
    const declared = responses[String(answer.status)] ?? (answer.status >= 400 ? responses.default : undefined);
    expect([what, declared]).not.toEqual([what, undefined]);
    const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const content = declared?.content ?? {};
    if (type === 'text/event-stream') {
      expect(Object.keys(content)).toContain(type);
      return answer.body?.cancel();
    }
    const body = await answer.text();
    if (body === '') return;
    // Where things lie on this machine is nobody's business.
    expect([what, body.includes(site.config.queue.store)]).toEqual([what, false]);
    expect([what, Object.keys(content)]).toEqual([what, expect.arrayContaining([type])]);
    const schema = content[type]?.schema;
    if (!type.endsWith('json') || schema === undefined || schema.format === 'binary') return;
    const isValid = ajv.validate(schema, JSON.parse(body));
    expect([what, isValid ? null : ajv.errors]).toEqual([what, null]);
  };

  test('of others, such as the board, have their scope too', async () => {
    const path = '/admin/queues';
    const statuses = async (token: string | undefined) => (await ask('GET', path, {}, token)).status;
    expect([
      await statuses('none'),
      await statuses(tokens.get('read,submit')),
      await statuses(tokens.get('admin')),
    ]).toEqual([401, 403, 200]);
    expect((await ask('GET', `${path}/api/queues`, {}, tokens.get('read'))).status).toBe(403);
    expect((await fetch(`${site.url}/docs/`)).status).toBe(200);
  });
});

function operationsOf(document: Json): readonly Operation[] {
  const paths = document.paths as Record<string, Record<string, Json>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      key: `${method.toUpperCase()} ${path}`,
      need: (operation['x-scope'] ?? 'public') as Operation['need'],
      responses: operation.responses as Operation['responses'],
    })),
  );
}
