import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Log } from '../../src/observe/log.ts';
import { loadConfig } from '../../src/pipeline/load-config.ts';
import type { VideoItem, VideoList } from '../../src/server/contract/index.ts';
import { NO_LINKS } from '../../src/server/link-origins.ts';
import { openRooms } from '../../src/server/rooms.ts';
import { buildServer } from '../../src/server/server.ts';
import { startServer } from '../../src/server/start.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { type ReadEvent, readEvents } from './event-reader.ts';
import { openStreet, putExample, type Site, type Street, untilSo } from './site.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } as unknown as Log;

describe.skipIf(!canStartRedis())('who may use a server', { timeout: 30_000 }, () => {
  let street: Street;
  beforeAll(async () => {
    street = await openStreet();
  });
  afterAll(() => street?.[Symbol.asyncDispose]());

  const status = async (url: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    (await fetch(url, { ...init, headers })).status;

  test('a browser has a session in a cookie that scripts cannot read, until it ends', async () => {
    await using site = await street.site();
    const login = await fetch(`${site.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: site.url },
      body: JSON.stringify({ token: await site.token('read', 'submit') }),
    });
    expect(login.status).toBe(204);
    const cookie = login.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^framescribe=fs_\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/);
    const session = await fetch(`${site.url}/v1/session`, { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(await session.json()).toMatchObject({ authentication: true, scopes: ['read', 'submit'] });
    const end = await fetch(`${site.url}/v1/session`, { method: 'DELETE' });
    expect(end.headers.get('set-cookie')).toMatch(/^framescribe=; .*Max-Age=0/);
  });

  test('a cookie stays with https where browsers come by https', async () => {
    await using site = await street.site({ FRAMESCRIBE_SERVER_PUBLIC_URL: 'https://videos.example.org' });
    const body = JSON.stringify({ token: await site.token('read') });
    const headers = { 'content-type': 'application/json', origin: 'https://videos.example.org' };
    const login = await fetch(`${site.url}/v1/session`, { method: 'POST', headers, body });
    expect(login.headers.get('set-cookie')).toMatch(/^__Host-framescribe=fs_\S+; .*; Secure$/);
    expect(login.headers.get('strict-transport-security')).toContain('max-age');
  });

  test('a token that is revoked or expired is good for nothing within five seconds, also for who listens already', async () => {
    await using site = await street.site();
    const [{ id, token }, kept] = [await site.tokens.create('short', ['read'], null), await site.token('read')];
    const { token: expired } = await site.tokens.create('over', ['read'], -1);
    const asked = (text: string) => status(`${site.url}/v1/videos`, { authorization: `Bearer ${text}` });
    const last = token.endsWith('A') ? 'E' : 'A';
    expect([await asked(token), await asked(expired), await asked(token.slice(0, -1) + last)]).toEqual([200, 401, 401]);
    await using revoked = readEvents(`${site.url}/v1/events`, token);
    await using other = readEvents(`${site.url}/v1/events`, kept);
    const video = await site.producer.describe({ source: 'https://a.example/heard.mp4' });
    const isIt = ({ data }: ReadEvent) => (data as VideoItem).id === video.id;
    await Promise.all([revoked.until(isIt, 5_000), other.until(isIt, 5_000)]);

    expect(await site.tokens.revoke(id)).toBe(true);
    const started = performance.now();
    await revoked.ended;
    expect(await asked(token)).toBe(401);
    expect(performance.now() - started).toBeLessThan(5_000);
    const next = await site.producer.describe({ source: 'https://a.example/heard-by-one.mp4' });
    await other.until(({ data }) => (data as VideoItem).id === next.id, 5_000);
    expect(revoked.seen.some(({ data }) => (data as VideoItem).id === next.id)).toBe(false);
    expect(JSON.stringify(await site.tokens.list())).not.toContain(token.slice('fs_0123456789abcdef_'.length));
  });

  test('without tokens it listens to this machine only, and answers to its name only', async () => {
    await using site = await street.site({ FRAMESCRIBE_SERVER_AUTHENTICATION: 'false' });
    expect(await status(`${site.url}/v1/videos`)).toBe(200);
    expect(
      await status(
        `${site.url}/v1/videos/v${'0'.repeat(31)}`,
        { origin: 'https://evil.example' },
        { method: 'DELETE' },
      ),
    ).toBe(403);
    const open = await loadConfig({
      FRAMESCRIBE_SERVER_AUTHENTICATION: 'false',
      FRAMESCRIBE_SERVER_HOST: '0.0.0.0',
      FRAMESCRIBE_SERVER_PORT: '0',
      REDIS_URL: street.redis.url,
      FRAMESCRIBE_SEARCH_FOLDER: street.folder,
      FRAMESCRIBE_QUEUE_STORE: street.folder,
    });
    await expect(startServer(open, quiet)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('a caller who asks too often is told when to come again, and others are not', async () => {
    await using site = await street.site({ FRAMESCRIBE_SERVER_REQUESTS_PER_MINUTE: '5' });
    const [one, other] = [await site.token('read'), await site.token('read')];
    const asked = (text: string) => fetch(`${site.url}/v1/tags`, { headers: { authorization: `Bearer ${text}` } });
    await untilMinuteLasts(2_000);
    for (let count = 0; count < 5; count++) expect((await asked(one)).status).toBe(200);
    const refused = await asked(one);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryable: true });
    expect((await asked(other)).status).toBe(200);
    // Whoever guesses is slowed down, and nobody else at the same address.
    for (let count = 0; count < 60; count++) expect((await asked(`fs_${count}`)).status).toBe(401);
    expect((await asked('fs_60')).status).toBe(429);
    expect((await asked(other)).status).toBe(200);
  });

  test('a limit holds for all servers of a queue, and for each alone while Redis is away', async () => {
    const most = 40;
    const env = { FRAMESCRIBE_SERVER_REQUESTS_PER_MINUTE: `${most}`, FRAMESCRIBE_QUEUE_PREFIX: 'shared' };
    await using first = await street.site(env);
    await using second = await street.site(env);
    const [token, other] = [await first.token('read'), await first.token('read')];
    const asked = ({ url }: Site, text: string) => status(`${url}/v1/tags`, { authorization: `Bearer ${text}` });
    await untilMinuteLasts(5_000);
    for (let count = 0; count < most; count++) expect(await asked(first, token)).toBe(200);
    let more = 0;
    while ((await asked(second, token)) === 200) more++;
    expect(more).toBeLessThan(most / 2);
    expect(await asked(second, other)).toBe(200);

    street.redis.pause();
    try {
      const started = performance.now();
      for (let count = 1; count < most; count++) expect(await asked(second, other)).toBe(200);
      expect(await asked(second, other)).toBe(429);
      expect(performance.now() - started).toBeLessThan(3_000);
    } finally {
      street.redis.resume();
    }
  });

  test('a route that does not say who may use it keeps the server from starting', async () => {
    const config = await loadConfig({
      REDIS_URL: street.redis.url,
      FRAMESCRIBE_SEARCH_FOLDER: street.folder,
      FRAMESCRIBE_QUEUE_STORE: street.folder,
      FRAMESCRIBE_QUEUE_PREFIX: 'forgotten',
    });
    await using rooms = await openRooms(config, quiet);
    const api = await buildServer(rooms, NO_LINKS, new AbortController().signal);
    api.get('/v1/forgotten', async () => 'everybody');
    await expect(api.ready()).rejects.toThrow('GET /v1/forgotten');
    await api.close();
  });

  test('the same Idempotency-Key makes the same video once, and is no good for another', async () => {
    await using site = await street.site();
    const token = await site.token('admin');
    const submit = (body: unknown) =>
      fetch(`${site.url}/v1/videos`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k1' },
        body: JSON.stringify(body),
      });
    const request = { source: 'https://a.example/b.mp4', labels: { a: 'b' } };
    const [first, second] = [await submit(request), await submit(request)];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    const other = await submit({ ...request, labels: { a: 'c' } });
    expect([other.status, await other.json()]).toMatchObject([422, { code: 'IDEMPOTENCY_MISMATCH' }]);
  });

  test('one that is told to stop ends its streams and its answers, and is not ready any more', async () => {
    const site = await street.site({}, (store) => putExample(store, 'a-day'));
    const token = await site.token('read');
    const headers = { authorization: `Bearer ${token}` };
    const list = await untilSo(
      async () => (await (await fetch(`${site.url}/v1/videos`, { headers })).json()) as VideoList,
      ({ total }) => total === 1,
    );
    await using events = readEvents(`${site.url}/v1/videos/${list.videos[0]?.id}/events`, token);
    await events.until(({ event }) => event === 'video', 5_000);
    const started = performance.now();
    await site[Symbol.asyncDispose]();
    await events.ended;
    expect(performance.now() - started).toBeLessThan(3_000);
    await expect(fetch(`${site.url}/healthz`)).rejects.toThrow();
  });
});

/** Limits are counted anew with each minute of the clock: waits for the next one where this one has less left. */
async function untilMinuteLasts(ms: number): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < ms) await sleep(left);
}
