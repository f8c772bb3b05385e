import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { VideoDetail, VideoList } from '../../src/server/contract/index.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { makeBucket, type TestBucket } from '../services/s3-bucket.ts';
import { canStartS3Server, type S3Server, startS3Server } from '../services/s3-server.ts';
import { openStreet, putExample, type Site, type Street, untilSo } from './site.ts';

describe.runIf(canStartRedis() && canStartS3Server())('a server of results in S3', { timeout: 60_000 }, () => {
  let s3: S3Server;
  let bucket: TestBucket;
  let street: Street;
  let site: Site;
  let token = '';

  beforeAll(async () => {
    s3 = await startS3Server();
    bucket = await makeBucket(s3, 'videos');
    for (const [name, value] of Object.entries(bucket.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
    street = await openStreet();
    const env = { ...bucket.env, FRAMESCRIBE_QUEUE_STORE: 's3://videos/results' };
    site = await street.site(env, (store) => putExample(store, 'a-day'));
    token = await site.token('admin');
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await street?.[Symbol.asyncDispose]();
    bucket?.client.destroy();
    await s3?.stop();
    vi.unstubAllEnvs();
  });

  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(site.url + path, { redirect: 'manual', headers: { authorization: `Bearer ${token}`, ...headers } });

  test('sends readers to the bucket for pictures, and hands text through, whole or in part', async () => {
    const list = await untilSo(
      async () => (await (await ask('/v1/videos')).json()) as VideoList,
      ({ total }) => total === 1,
    );
    const id = list.videos[0]?.id ?? '';
    const { artifacts, thumbnail } = (await (await ask(`/v1/videos/${id}`)).json()) as VideoDetail;
    const picture = artifacts.find(({ name }) => name === 'keyframes/k0001.jpg');
    for (const path of [picture?.url ?? '', thumbnail ?? '']) {
      const answer = await ask(path);
      expect(answer.status).toBe(302);
      const link = answer.headers.get('location') ?? '';
      expect(link).toMatch(/X-Amz-Signature=/);
      expect(answer.headers.get('content-security-policy')).toContain(`img-src 'self' data: ${new URL(link).origin}`);
      expect((await (await fetch(link)).arrayBuffer()).byteLength).toBe(picture?.bytes);
    }
    const captions = artifacts.find(({ name }) => name === 'captions.vtt');
    const whole = await (await ask(captions?.url ?? '')).text();
    expect(whole.length).toBe(captions?.bytes);
    const part = await ask(captions?.url ?? '', { range: 'bytes=2-5' });
    expect([part.status, await part.text()]).toEqual([206, whole.slice(2, 6)]);
    const same = await ask(captions?.url ?? '', { 'if-none-match': part.headers.get('etag') ?? '' });
    expect(same.status).toBe(304);
    const session = (await (await ask('/v1/session')).json()) as { uploads: unknown };
    expect(session.uploads).toBeNull();
    expect(site.complaints).toEqual([]);
  });
});
