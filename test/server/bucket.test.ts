import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { testClip } from '../../src/pipeline/test-clip.ts';
import type { VideoDetail, VideoList } from '../../src/server/contract/index.ts';
import { CHROMIUM_PATH, launchChromium } from '../browser/chromium.ts';
import { work } from '../integration/queue-site.ts';
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
    const upload = await fetch(`${site.url}/v1/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0', 'upload-length': '3' },
    });
    expect([upload.status, await upload.json()]).toMatchObject([404, { code: 'UPLOADS_OFF' }]);
    expect(site.complaints).toEqual([]);
  });

  test.skipIf(CHROMIUM_PATH === null)(
    'shows pictures and plays videos from their buckets, and nothing from elsewhere',
    async () => {
      const film = join(street.folder, 'film.mp4');
      execFileSync('ffmpeg', ['-v', 'error', '-i', '-', '-pix_fmt', 'yuv420p', film], { input: testClip() });
      await bucket.client.send(new CreateBucketCommand({ Bucket: 'tapes' }));
      await bucket.client.send(
        new PutObjectCommand({ Bucket: 'tapes', Key: 'a film.mp4', Body: await readFile(film) }),
      );
      const { prefix, store } = site.config.queue;
      await using _worker = await work({
        ...bucket.env,
        REDIS_URL: street.redis.url,
        FRAMESCRIBE_QUEUE_PREFIX: prefix,
        FRAMESCRIBE_QUEUE_STORE: store,
        FRAMESCRIBE_TEMP_DIR: join(street.folder, 't'),
        FRAMESCRIBE_CAPTION_THREADS: '1',
      });
      const { id } = await site.producer.describe({ source: 's3://tapes/a film.mp4' });
      await untilSo(
        async () => (await (await ask(`/v1/videos/${id}`)).json()) as VideoDetail,
        ({ state }) => state === 'completed',
        40_000,
      );

      const browser = await launchChromium(CHROMIUM_PATH ?? '');
      try {
        const context = await browser.newContext();
        await context.addCookies([{ name: 'framescribe', value: token, url: site.url }]);
        const page = await context.newPage();
        const asked = new Set<string>();
        page.on('request', (request) => void asked.add(new URL(request.url()).origin));
        await page.goto(`${site.url}/videos/${id}`);
        await expect.poll(() => page.evaluate('document.querySelector("video")?.readyState')).toBeGreaterThan(1);
        await expect
          .poll(() => page.evaluate('document.querySelector(".virtual article img")?.naturalWidth'))
          .toBeGreaterThan(0);
        expect(asked).toEqual(new Set([site.url, s3.endpoint]));
        expect(await page.evaluate(REFUSED)).toEqual(['img-src', 'media-src']);
      } finally {
        await browser.close();
      }
    },
  );
});

/** The rules that keep a page from loading a picture and a video from another server, on the same host even. */
const REFUSED = `new Promise((done) => {
  const rules = [];
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
    if (rules.push(effectiveDirective) === 2) done(rules.sort());
  });
  for (const kind of ['img', 'video']) Object.assign(document.createElement(kind), { src: 'http://127.0.0.1:9/x' });
})`;
