import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../src/notify/webhook-signature.ts';
import { processesWith, untilGone } from '../media/processes.ts';
import { startAnsweringMachine } from '../services/answering-machine.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { framescribe, start } from './framescribe.ts';
import { childrenOf, collect, openTown, type Town, until, untilScanning, work } from './queue-site.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe.skipIf(!canStartRedis())('videos through the queue', () => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test('a clip ends in the store, with the bytes of result.json that `caption` makes, and tells its way in order', async () => {
    await using site = town.site();
    const { env, producer, out } = site;
    await using worker = await work(env);
    const { id, state } = await producer.describe({ source: town.clip, labels: { user: '17' } });
    expect(['waiting', 'active']).toContain(state);
    const events = await collect(producer.events(id));
    expect(events.at(-1)?.kind).toBe('completed');
    const stages = events.flatMap((event) => (event.kind === 'progress' ? [event.progress.stage] : []));
    const order = ['fetch', 'probe', 'scan', 'caption', 'summarise', 'publish'];
    expect(stages).toEqual([...stages].sort((a, b) => order.indexOf(a) - order.indexOf(b)));

    const result = await producer.result(id);
    const verified = await framescribe(['verify', result?.place ?? '']);
    expect(verified.exitCode, verified.stdout).toBe(0);
    const own = join(town.folder, 'own');
    await framescribe(['caption', town.clip, '--out', own]);
    const [queued, direct] = [join(result?.place ?? '', 'result.json'), join(own, 'clip', 'result.json')];
    expect(await readFile(queued, 'utf8')).toBe(await readFile(direct, 'utf8'));
    expect(await readdir(out)).toEqual([result?.name]);
    expect(await producer.status(id)).toMatchObject({ state: 'completed', labels: { user: '17' }, attempts: 1 });
    expect(worker.stderr()).not.toContain('trouble');
  });

  test('a worker that is killed loses nothing: another one finishes, and nothing of the first is left', async () => {
    await using site = town.site();
    const { env, producer, out, temp } = site;
    const first = start(['worker'], env);
    const { id } = await producer.describe({ source: town.long });
    await untilScanning(producer, id);
    first.child.kill('SIGKILL');
    await untilGone(temp, 6_000);
    await until(async () => (await readdir(temp)).length === 0, 6_000);

    await using second = await work(env);
    expect((await collect(producer.events(id))).at(-1)?.kind).toBe('completed');
    expect(second.stderr()).toContain(`stalled: describe ${id}`);
    const result = await producer.result(id);
    expect(await readdir(out)).toEqual([result?.name]);
    expect((await framescribe(['verify', result?.place ?? ''])).exitCode).toBe(0);
  });

  test('a describing process that is killed costs one try', async () => {
    await using site = town.site();
    const { env, producer, temp } = site;
    await using worker = await work(env);
    const { id } = await producer.describe({ source: town.long });
    await untilScanning(producer, id);
    const [ffmpeg = ''] = processesWith(temp);
    expect(ffmpeg).toContain('ffmpeg');
    const [describer = 0] = childrenOf(worker.child.pid);
    process.kill(describer, 'SIGKILL');
    await until(async () => (await producer.status(id)).state === 'delayed', 10_000);
    expect(await producer.status(id)).toMatchObject({ attempts: 1, failure: { code: 'WORKER_LOST' } });
    await untilGone(temp, 6_000);
    expect((await collect(producer.events(id))).at(-1)?.kind).toBe('completed');
  });

  test('a cancelled job has no FFmpeg a second later, stays told, and can be tried again', async () => {
    await using site = town.site();
    const { env, producer, out, temp } = site;
    await using _worker = await work(env);
    const { id } = await producer.describe({ source: town.long });
    await untilScanning(producer, id);
    const cancelled = performance.now();
    expect(await producer.cancel(id)).toBe(true);
    await untilGone(`${temp}/`, 1_000);
    console.info(`cancel reached FFmpeg after ${Math.round(performance.now() - cancelled)} ms`);
    await until(async () => (await producer.status(id)).state === 'cancelled', 5_000);
    await expect(producer.result(id)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(out).catch(() => [])).toEqual([]);
    expect(await producer.cancel(id)).toBe(false);
    await producer.retry(id);
    await untilScanning(producer, id);
  });

  test('a source that is no video fails at once with its code, and is not tried again', async () => {
    await using site = town.site();
    const { env, producer } = site;
    await using _worker = await work(env);
    const text = join(town.folder, 'text.mp4');
    await writeFile(text, 'no video at all\n'.repeat(100));
    const ends = [text, join(town.folder, 'absent.mp4'), '/etc/hostname'].map(async (source) => {
      const { id } = await producer.describe({ source });
      await collect(producer.events(id));
      const { state, attempts, failure } = await producer.status(id);
      return { state, attempts, code: failure?.code };
    });
    expect(await Promise.all(ends)).toEqual([
      { state: 'failed', attempts: 1, code: 'NOT_A_VIDEO' },
      { state: 'failed', attempts: 1, code: 'SOURCE_NOT_FOUND' },
      { state: 'failed', attempts: 1, code: 'SOURCE_REFUSED_ADDRESS' },
    ]);
  });

  test('a worker that is told to stop finishes what it can within its grace, and exits with 0', async () => {
    await using site = town.site({ FRAMESCRIBE_QUEUE_GRACE_MS: '20000' });
    const { env, producer } = site;
    const worker = await work(env);
    const { id } = await producer.describe({ source: town.clip });
    await until(async () => (await producer.status(id)).state !== 'waiting', 5_000);
    worker.child.kill('SIGTERM');
    expect((await worker.ended).exitCode).toBe(0);
    expect((await producer.status(id)).state).toBe('completed');
  });

  test('a worker without time left hands its job back, and the job has lost no try', async () => {
    await using site = town.site();
    const { env, producer, temp } = site;
    const worker = await work(env);
    const { id } = await producer.describe({ source: town.long });
    await untilScanning(producer, id);
    const told = performance.now();
    worker.child.kill('SIGTERM');
    expect((await worker.ended).exitCode).toBe(0);
    expect(performance.now() - told).toBeLessThan(4_000);
    expect(await producer.status(id)).toMatchObject({ state: 'waiting', attempts: 0, failure: null });
    expect(await readdir(temp)).toEqual([]);
    expect(processesWith(temp)).toEqual([]);
  });

  test('the application is called when its video has ended, signed, and again where it did not listen', async () => {
    const calls: { headers: Record<string, unknown>; body: string }[] = [];
    await using receiver = await startAnsweringMachine(({ headers, body }, response) => {
      calls.push({ headers, body });
      response.writeHead(calls.length === 1 ? 503 : 204).end();
    });
    await using site = town.site({
      FRAMESCRIBE_QUEUE_WEBHOOK_SECRET: SECRET,
      FRAMESCRIBE_NOTIFY_ALLOW_HTTP: 'true',
      FRAMESCRIBE_NOTIFY_ALLOWED_NETWORKS: '127.0.0.0/8',
    });
    const { env, producer } = site;
    await using _worker = await work(env);
    const { id } = await producer.describe({ source: town.clip, callback: { url: `${receiver.url}/done` } });
    await until(() => calls.length === 2, 30_000);
    const [first, second] = calls;
    expect(
      verifyWebhook({ headers: second?.headers as Record<string, string>, body: second?.body ?? '' }, SECRET),
    ).toBe(true);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    const result = await producer.result(id);
    expect(JSON.parse(second?.body ?? '')).toMatchObject({ type: 'video.described', data: { job: id, result } });

    const absent = await producer.describe({
      source: join(town.folder, 'absent.mp4'),
      labels: { user: '17' },
      callback: { url: receiver.url },
    });
    await until(() => calls.length === 3, 30_000);
    expect(JSON.parse(calls[2]?.body ?? '')).toMatchObject({
      type: 'video.failed',
      data: { job: absent.id, labels: { user: '17' }, code: 'SOURCE_NOT_FOUND' },
    });
  });
});
