import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectProducer } from '../../src/queue/redis.ts';
import { openTokens, type TokenFacts } from '../../src/queue/tokens.ts';
import { readEvents } from '../server/event-reader.ts';
import { untilSo } from '../server/site.ts';
import { canStartRedis, type RedisServer, startRedis } from '../services/redis-server.ts';
import { framescribe, start } from './framescribe.ts';
import { until } from './queue-site.ts';

describe.skipIf(!canStartRedis())('framescribe serve and token', { timeout: 60_000 }, () => {
  let redis: RedisServer;
  let folder = '';
  let env: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'fs-serve-'));
    env = {
      REDIS_URL: redis.url,
      FRAMESCRIBE_QUEUE_STORE: join(folder, 'out'),
      FRAMESCRIBE_SEARCH_FOLDER: join(folder, 'search'),
    };
  });
  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const serve = async () => {
    const server = start(['serve', '--port', '0'], env);
    const url = () => /serving:? (http:\/\/[^\s"]+)/.exec(server.stderr())?.[1];
    await until(() => url() !== undefined || server.child.exitCode !== null, 30_000);
    return { ...server, url: url() ?? '' };
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const everythingInRedis = async () => {
    const client = connectProducer(redis.url, 3_000);
    await once(client, 'ready');
    const hash = await client.hgetall('framescribe:tokens');
    client.disconnect();
    return JSON.stringify(hash);
  };

  test('a token is told once, kept as a hash, good for its scopes, and for nothing once it is revoked', async () => {
    const server = await serve();
    const made = await framescribe(['token', 'create', '--name', 'upload handler', '--scopes', 'submit,read'], env);
    expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^fs_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n$/) });
    const token = made.stdout.trim();
    const [, id = '', secret = ''] = /^fs_([^_]+)_(.+)$/.exec(token) ?? [];
    await using tokens = openTokens(redis.url, 'framescribe', 3_000);
    const { token: other } = await tokens.create('admin', ['admin'], null);

    const [list, json] = await Promise.all([
      framescribe(['token', 'list'], env),
      framescribe(['token', 'list', '--json'], env),
    ]);
    const facts = JSON.parse(json.stdout) as readonly TokenFacts[];
    expect(facts.map(({ name, scopes, expiresMs }) => [name, scopes, expiresMs])).toEqual([
      ['upload handler', ['read', 'submit'], null],
      ['admin', ['admin'], null],
    ]);
    expect(list.stdout).toContain(`${id}  read,submit`);
    for (const where of [list.stdout, json.stdout, await everythingInRedis(), server.stderr()])
      expect(where).not.toContain(secret);
    expect(json.stdout).not.toContain('hash');

    const status = async (path: string, text: string) =>
      (await fetch(server.url + path, { headers: bearer(text) })).status;
    expect([await status('/v1/videos', token), await status('/metrics', token)]).toEqual([200, 403]);
    const gone = await framescribe(['token', 'revoke', id], env);
    expect(gone).toMatchObject({ exitCode: 0, stdout: '' });
    await untilSo(
      () => status('/v1/videos', token),
      (code) => code === 401,
    );
    expect([await status('/v1/videos', other), await status('/metrics', other)]).toEqual([200, 200]);
    const [again, wrong] = await Promise.all([
      framescribe(['token', 'revoke', id], env),
      framescribe(['token', 'create', '--name', 'x', '--scopes', 'read,everything'], env),
    ]);
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Expected the id of a token') });
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });

    // What is under way when the server is told to end is answered; who listens is let go, to come again elsewhere.
    await using events = readEvents(`${server.url}/v1/events`, other);
    await events.startId;
    const submission = JSON.stringify({ source: 'https://videos.example/slow.mp4' });
    const length = { 'content-length': submission.length, expect: '100-continue' };
    const headers = { ...bearer(other), 'content-type': 'application/json', ...length };
    const slow = request(`${server.url}/v1/videos`, { method: 'POST', headers });
    const answered = once(slow, 'response');
    slow.write(submission.slice(0, 10));
    await once(slow, 'continue');
    server.child.kill('SIGTERM');
    await events.ended;
    await untilSo(
      () => fetch(`${server.url}/healthz`).catch((error: Error) => error),
      (answer) => answer instanceof Error,
    );
    expect(server.child.exitCode).toBeNull();
    slow.end(submission.slice(10));
    const [answer] = await answered;
    expect([answer.statusCode, JSON.parse(await text(answer))]).toMatchObject([202, { state: 'waiting' }]);
    expect(await server.ended).toMatchObject({ exitCode: 0 });
  });
});
