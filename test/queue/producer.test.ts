import { UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProducer, type JobEvent } from '../../src/queue/index.ts';
import type { Described } from '../../src/queue/jobs.ts';
import { canStartRedis, type RedisServer, startRedis } from '../services/redis-server.ts';

const DONE: Described = {
  name: 'clip',
  place: '/out/clip',
  sha256: '0',
  digest: 'sha256:0',
  durationMs: 1000,
  shots: 1,
  keyframes: 1,
  summary: 'A dog runs.',
};
const PROGRESS = { stage: 'scan', doneMs: 500, totalMs: 1000, keyframes: 1 };

describe.skipIf(!canStartRedis())('a producer', () => {
  let redis: RedisServer;
  let count = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  function site(more = {}) {
    const prefix = `test${++count}`;
    return { prefix, producer: createProducer({ redis: redis.url, prefix, ...more }) };
  }

  /** A worker of another make: it describes nothing. */
  function work(
    prefix: string,
    does: (source: string) => Promise<unknown> = async () => DONE,
    { url = redis.url, concurrency = 1 } = {},
  ) {
    const connection = new Redis(url, { protocol: 2, maxRetriesPerRequest: null });
    const worker = new Worker(
      'describe',
      async (job) => {
        await job.updateProgress(PROGRESS);
        return does(job.data.source);
      },
      { connection, prefix, concurrency },
    );
    return {
      [Symbol.asyncDispose]: async () => {
        await worker.close();
        connection.disconnect();
      },
    };
  }

  test('gives the same job for the same source, version and options, also after its end', async () => {
    const { prefix, producer } = site();
    await using _ = producer;
    const request = { source: 's3://bucket/clip.mp4', version: 'etag1' } as const;
    const first = await producer.describe({ ...request, labels: { user: '17' } });
    const second = await producer.describe({ ...request, labels: { user: '18' }, priority: 'back-catalogue' });
    expect(second).toEqual(first);
    expect((await producer.describe({ ...request, version: 'etag2' })).id).not.toBe(first.id);
    await using _worker = work(prefix);
    for await (const _event of producer.events(first.id));
    expect(await producer.describe(request)).toMatchObject({ id: first.id, state: 'completed', result: DONE });
    expect((await producer.counts()).completed).toBeLessThanOrEqual(2);
  });

  test('submits many at once, each of them once', async () => {
    const { producer } = site();
    await using _ = producer;
    const requests = Array.from({ length: 1200 }, (_, index) => ({ source: `s3://bucket/${index % 1000}.mp4` }));
    const ids = await producer.describeMany(requests);
    expect(new Set(ids).size).toBe(1000);
    expect(ids[1000]).toBe(ids[0]);
    expect(await producer.counts()).toEqual({ waiting: 1000, active: 0, delayed: 0, completed: 0, failed: 0 });
  });

  test('lets uploads overtake the back catalogue, and keeps the order within both', async () => {
    const { prefix, producer } = site();
    await using _ = producer;
    const source = (name: string) => `s3://bucket/${name}`;
    const catalogue = ['old1', 'old2'].map((name) => ({ source: source(name), priority: 'back-catalogue' as const }));
    await producer.describeMany(catalogue);
    await producer.describeMany(['new1', 'new2'].map((name) => ({ source: source(name) })));
    const last = await producer.describe({ source: source('old3'), priority: 'back-catalogue' });
    const order: string[] = [];
    await using _worker = work(prefix, async (from) => {
      order.push(from.slice(-4));
      return DONE;
    });
    for await (const _event of producer.events(last.id));
    expect(order).toEqual(['new1', 'new2', 'old1', 'old2', 'old3']);
  });

  test('tells what happens in order, to one who listens from the start and to one who comes late', async () => {
    const { prefix, producer } = site();
    await using _ = producer;
    const { id } = await producer.describe({ source: 's3://bucket/clip.mp4' });
    const early = collect(producer.events(id));
    await using _worker = work(prefix);
    expect(await early).toEqual([
      { kind: 'active' },
      { kind: 'progress', progress: PROGRESS },
      { kind: 'completed', result: DONE },
    ]);
    expect(await collect(producer.events(id))).toEqual([{ kind: 'completed', result: DONE }]);
    expect(await producer.result(id)).toEqual(DONE);
  });

  test('never tells of a job that has ended without what it has ended in', async () => {
    const { prefix, producer } = site();
    const sources = Array.from({ length: 150 }, (_, index) => `s3://b/${index}.mp4`);
    const ids = await producer.describeMany(sources.map((source) => ({ source })));
    await using _worker = work(prefix);
    const lies: string[] = [];
    const watch = async (id: string) => {
      for (;;) {
        const { state, result } = await producer.status(id);
        if (state !== 'completed') continue;
        if (result === null) lies.push(id);
        return;
      }
    };
    await Promise.all(ids.map(watch));
    expect(lies).toEqual([]);
    await producer.close();
  });

  test('stops to tell when asked', async () => {
    const { producer } = site();
    await using _ = producer;
    const { id } = await producer.describe({ source: 's3://bucket/clip.mp4' });
    const watching = collect(producer.events(id, AbortSignal.timeout(300)));
    await expect(watching).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('forgets a waiting job that is cancelled, and tells those who watch it', async () => {
    const { producer } = site();
    await using _ = producer;
    const { id } = await producer.describe({ source: 's3://bucket/clip.mp4' });
    const watching = collect(producer.events(id));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await producer.cancel(id)).toBe(true);
    expect(await watching).toEqual([{ kind: 'removed' }]);
    await expect(producer.status(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  test('keeps why a job failed, and gives it all its tries again', async () => {
    const { prefix, producer } = site();
    await using _ = producer;
    const { id } = await producer.describe({ source: 's3://bucket/clip.mp4' });
    let isBroken = true;
    await using _worker = work(prefix, async () => {
      if (isBroken) throw new UnrecoverableError('NOT_A_VIDEO: Expected a video');
      return DONE;
    });
    const failure = { code: 'NOT_A_VIDEO', message: 'Expected a video', retryable: false };
    expect((await collect(producer.events(id))).at(-1)).toEqual({ kind: 'failed', failure });
    expect(await producer.status(id)).toMatchObject({ state: 'failed', attempts: 1, failure, result: null });
    await expect(producer.result(id)).rejects.toMatchObject({ code: 'NOT_A_VIDEO' });
    isBroken = false;
    await producer.retry(id);
    expect((await collect(producer.events(id))).at(-1)?.kind).toBe('completed');
    expect((await producer.retry(id)).state).toBe('completed');
  });

  test('remembers no more ended jobs than it was told to', async () => {
    const { prefix, producer } = site({ keepCompleted: 3 });
    await using _ = producer;
    const requests = Array.from({ length: 10 }, (_, index) => ({ source: `s3://bucket/${index}.mp4` }));
    const ids = await producer.describeMany(requests);
    await using _worker = work(prefix);
    await collect(producer.events(ids.at(-1) ?? ''));
    expect((await producer.counts()).completed).toBe(3);
    await expect(producer.status(ids[0] ?? '')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  test('needs no more memory of Redis for many ended jobs than for those that it remembers', async () => {
    await using own = await startRedis();
    const { prefix, producer } = site({ keepCompleted: 100, redis: own.url });
    await using _ = producer;
    await using _worker = work(prefix, undefined, { url: own.url, concurrency: 20 });
    const connection = new Redis(own.url);
    const memoryAfter = async (first: number) => {
      const numbers = Array.from({ length: 2_000 }, (_, index) => first + index);
      const ids = await producer.describeMany(numbers.map((number) => ({ source: `s3://bucket/${number}.mp4` })));
      await collect(producer.events(ids.at(-1) ?? ''));
      const info = await connection.info();
      const [, keys, expiring] = /^db0:keys=(\d+),expires=(\d+)/m.exec(info) ?? [];
      const bytes = Number(/^used_memory_dataset:(\d+)/m.exec(info)?.[1]);
      return { kept: Number(keys) - Number(expiring), bytes };
    };
    // Their events are kept too, up to a number of BullMQ's own that these reach.
    const before = await memoryAfter(0);
    const after = await memoryAfter(2_000);
    connection.disconnect();
    expect((await producer.counts()).completed).toBe(100);
    expect(after.kept).toBe(before.kept);
    expect(after.bytes / before.bytes).toBeLessThan(1.05);
  });

  test.each([
    [{ source: 'clip.mp4' }, /source: Expected https:/],
    [{ source: 'https://a:b@example.com/clip.mp4' }, /password/],
    [{ source: 's3://b/k', options: { beam: 0 } }, /options\.beam/],
    [{ source: 's3://b/k', callback: { url: 'ftp://example.com' } }, /callback\.url/],
  ])('refuses %j before it asks Redis', async (request, message) => {
    await using producer = createProducer({ redis: 'redis://127.0.0.1:1' });
    await expect(producer.describe(request)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    });
  });

  test('says at once that there is no Redis, and closes at once', async () => {
    const started = performance.now();
    const producer = createProducer({ redis: 'redis://127.0.0.1:1', answerMs: 2_000 });
    await expect(producer.describe({ source: 's3://b/k' })).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await expect(producer.status('v1')).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await expect(collect(producer.events('v1'))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await producer.close();
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  test('waits no longer than told for a Redis that does not answer, and goes on when it does', async () => {
    await using own = await startRedis();
    await using producer = createProducer({ redis: own.url, answerMs: 500 });
    await producer.describe({ source: 's3://b/1' });
    own.pause();
    const asked = performance.now();
    await expect(producer.describe({ source: 's3://b/2' })).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(performance.now() - asked).toBeLessThan(1_500);
    own.resume();
    await until(() => producer.describe({ source: 's3://b/3' }));
    await own.restart();
    await until(() => producer.describe({ source: 's3://b/4' }));
    expect((await producer.counts()).waiting).toBeGreaterThanOrEqual(3);
  });
});

async function collect(events: AsyncIterable<JobEvent>): Promise<readonly JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function until(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
