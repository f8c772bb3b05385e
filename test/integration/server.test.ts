import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Upload, type UploadOptions } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testClip } from '../../src/pipeline/test-clip.ts';
import type { VideoDetail, VideoItem, VideoList } from '../../src/server/contract/index.ts';
import { readEvents } from '../server/event-reader.ts';
import { openStreet, type Site, type Street, untilSo } from '../server/site.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { work } from './queue-site.ts';

const NAME = 'Ünsere <b>Reise</b>, Tag 1.y4m';

describe.skipIf(!canStartRedis())('a server and a worker', { timeout: 90_000 }, () => {
  let street: Street;
  let site: Site;
  let token = '';
  /** Many minutes of it; a worker takes some seconds. */
  let long = Buffer.alloc(0);

  beforeAll(async () => {
    street = await openStreet();
    site = await street.site();
    token = await site.token('admin');
    const clip = testClip();
    const frames = clip.subarray(clip.indexOf('\n') + 1);
    long = Buffer.concat([clip, ...Array.from({ length: 99 }, () => frames)]);
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await street?.[Symbol.asyncDispose]();
  });

  const ask = async (path: string, init: RequestInit = {}) =>
    fetch(site.url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  const read = async <T>(path: string) => (await (await ask(path)).json()) as T;

  const workerEnv = () => ({
    REDIS_URL: street.redis.url,
    FRAMESCRIBE_QUEUE_PREFIX: site.config.queue.prefix,
    FRAMESCRIBE_QUEUE_STORE: site.config.queue.store,
    FRAMESCRIBE_FETCH_FOLDERS: join(site.config.queue.store, '.uploads', 'sources'),
    FRAMESCRIBE_TEMP_DIR: join(street.folder, 'temp'),
    FRAMESCRIBE_CAPTION_THREADS: '1',
  });

  const optionsOf = (more: Partial<UploadOptions>): UploadOptions => ({
    endpoint: `${site.url}/v1/uploads`,
    headers: { authorization: `Bearer ${token}` },
    metadata: { filename: NAME, options: JSON.stringify({ attention: true }), labels: JSON.stringify({ user: '17' }) },
    chunkSize: 1 << 20,
    retryDelays: null,
    ...more,
  });

  /** Uploads until the end, or until so many bytes are there; tells where, and the video that it became. */
  const upload = (bytes: Buffer, untilBytes: number, more: Partial<UploadOptions> = {}) =>
    new Promise<{ url: string; video: string | undefined }>((resolve, reject) => {
      const one: Upload = new Upload(bytes, {
        ...optionsOf(more),
        onError: reject,
        onChunkComplete: (_, accepted) => {
          if (accepted >= untilBytes && accepted < bytes.length) {
            void one.abort().then(() => resolve({ url: one.url ?? '', video: undefined }));
          }
        },
        onSuccess: ({ lastResponse }) =>
          resolve({ url: one.url ?? '', video: lastResponse.getHeader('Framescribe-Video') }),
      });
      one.start();
    });

  test('take a video from an upload that was interrupted to a result, and tell of every step', async () => {
    const begun = await upload(long, long.length / 2);
    expect((await read<VideoList>('/v1/videos')).videos).toEqual([]);
    const [uploadId = ''] = begun.url.split('/').slice(-1);
    const half = await read<{ offset: number; video: null }>(`/v1/uploads/${uploadId}`);
    expect(half).toMatchObject({ bytes: long.length, video: null });
    expect(half.offset).toBeGreaterThanOrEqual(long.length / 2);

    // The rest comes to another server, which shares the folder.
    await using beside = await street.site({
      FRAMESCRIBE_QUEUE_PREFIX: site.config.queue.prefix,
      FRAMESCRIBE_QUEUE_STORE: site.config.queue.store,
    });
    await using events = readEvents(`${site.url}/v1/events`, token);
    const uploadUrl = begun.url.replace(site.url, beside.url);
    const { video = '' } = await upload(long, Number.POSITIVE_INFINITY, { uploadUrl });
    expect(video).toMatch(/^v[0-9a-f]{31}$/);
    expect(
      (await ask(`/v1/uploads/${uploadId}`, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })).headers.get(
        'framescribe-video',
      ),
    ).toBe(video);
    const waiting = await read<VideoDetail>(`/v1/videos/${video}`);
    expect(waiting).toMatchObject({ state: 'waiting', name: NAME, source: null, labels: { name: NAME, user: '17' } });
    expect(waiting.artifacts).toEqual([]);

    await using _worker = await work(workerEnv());
    await events.until(({ event, data }) => event === 'video' && (data as VideoItem).state === 'completed', 60_000);
    const items = events.seen.filter(({ event }) => event === 'video').map(({ data }) => data as VideoItem);
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set([video]));
    const stages = [...new Set(items.flatMap(({ progress }) => (progress ? [progress.stage] : [])))];
    expect(stages).toContain('scan');
    expect(items.filter(({ state, thumbnail }) => state === 'active' && thumbnail !== null).length).toBeGreaterThan(0);

    const done = await read<VideoDetail>(`/v1/videos/${video}`);
    expect(done).toMatchObject({ state: 'completed', name: NAME, failure: null, progress: null });
    expect(done.artifacts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['attention.json', 'captions.vtt', 'result.json']),
    );
    for (const { url, bytes, type } of done.artifacts) {
      const answer = await ask(url);
      expect([url, answer.status, answer.headers.get('content-type')]).toEqual([url, 200, type]);
      expect((await answer.arrayBuffer()).byteLength).toBe(bytes);
    }
    const film = await ask(done.media ?? '', { headers: { range: 'bytes=100-199' } });
    expect([film.status, film.headers.get('content-range')]).toEqual([206, `bytes 100-199/${long.length}`]);
    expect(Buffer.from(await film.arrayBuffer())).toEqual(long.subarray(100, 200));
    const thumbnail = await ask(done.thumbnail ?? '');
    expect(Buffer.from(await thumbnail.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));

    // Whoever lost the connection in the middle hears how things stand, once.
    const middle = events.seen.find(({ id, data }) => id !== null && (data as VideoItem).state === 'active')?.id ?? '';
    await using again = readEvents(`${site.url}/v1/events`, token, middle);
    const first = await again.until(() => true, 5_000);
    expect(first).toMatchObject({ event: 'video', data: { id: video, state: 'completed' } });

    const stored = async () => (await readdir(site.config.queue.store)).filter((name) => name.endsWith(video));
    expect(await stored()).toHaveLength(1);
    expect((await ask(`/v1/videos/${video}`, { method: 'DELETE' })).status).toBe(204);
    await again.until(({ event, data }) => event === 'removed' && (data as { id: string }).id === video, 5_000);
    expect((await ask(`/v1/videos/${video}`)).status).toBe(404);
    expect((await ask(done.media ?? '')).status).toBe(404);
    expect(await stored()).toEqual([]);
    await expect(stat(join(site.config.queue.store, '.uploads', 'sources', uploadId))).rejects.toThrow('ENOENT');
    expect(site.complaints).toEqual([]);
  });

  test('end a video that is deleted while it is at work, and forget one that is cancelled while it waits', async () => {
    const first = await upload(long, Number.POSITIVE_INFINITY);
    const second = await upload(Buffer.concat([long, long.subarray(long.indexOf('\n') + 1)]), Number.POSITIVE_INFINITY);
    await using _worker = await work(workerEnv());
    await untilSo(
      () => read<VideoItem>(`/v1/videos/${first.video}`),
      ({ progress }) => progress?.stage === 'scan',
      30_000,
    );
    const cancelled = await ask(`/v1/videos/${second.video}/cancel`, { method: 'POST' });
    expect(await cancelled.json()).toMatchObject({ id: second.video, state: 'cancelled' });
    expect((await ask(`/v1/videos/${second.video}`)).status).toBe(404);
    expect((await ask(`/v1/videos/${first.video}`, { method: 'DELETE' })).status).toBe(204);
    expect((await read<VideoList>('/v1/videos')).videos).toEqual([]);
  });

  test('tell why a file is refused, or gone, but not where it was, and give it another try when asked', async () => {
    const { video } = await upload(Buffer.from('no video at all\n'.repeat(100)), Number.POSITIVE_INFINITY);
    const gone = await upload(testClip(), Number.POSITIVE_INFINITY);
    await rm(join(site.config.queue.store, '.uploads', 'sources', gone.url.slice(-32)), { recursive: true });
    await using _worker = await work(workerEnv());
    const untilFailed = (id = '') =>
      untilSo(
        () => read<VideoItem>(`/v1/videos/${id}`),
        ({ state }) => state === 'failed',
        30_000,
      );
    const { failure } = await untilFailed(gone.video);
    expect(failure).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    expect(failure?.message).not.toContain('/');
    const failed = await untilFailed(video);
    expect(failed.failure).toMatchObject({ code: 'NOT_A_VIDEO', retryable: false });
    expect(failed.failure?.advice).toMatch(/container/);
    expect(failed.failure?.message).toMatch(/: Ünsere-b-Reise--b-Tag-1\.y4m$/);
    expect(failed.failure?.message).not.toContain('/');
    const retried = (await (await ask(`/v1/videos/${video}/retry`, { method: 'POST' })).json()) as VideoItem;
    expect(retried).toMatchObject({ failure: null, endedMs: null });
    await untilFailed(video);
  });

  test('submit a whole upload later where the queue was away at its end', async () => {
    const file = join(street.folder, 'later.y4m');
    await writeFile(file, testClip());
    const begun = await upload(testClip(), 1, { chunkSize: 50_000 });
    street.redis.pause();
    const failure = await upload(testClip(), Number.POSITIVE_INFINITY, { uploadUrl: begun.url }).catch(
      (error: Error) => error,
    );
    street.redis.resume();
    expect(String(failure)).toContain('QUEUE_UNAVAILABLE');
    const [uploadId = ''] = begun.url.split('/').slice(-1);
    const whole = await untilSo(
      () => read<{ video: string | null }>(`/v1/uploads/${uploadId}`),
      ({ video }) => video !== null,
    );
    expect(await read<VideoItem>(`/v1/videos/${whole.video}`)).toMatchObject({ state: 'waiting', name: NAME });
  });
});
