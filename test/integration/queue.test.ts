import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../src/notify/webhook-signature.ts';
import { testClip } from '../../src/pipeline/test-clip.ts';
import { createProducer, type JobEvent, type Producer } from '../../src/queue/index.ts';
import { processesWith, untilGone } from '../media/processes.ts';
import { startAnsweringMachine } from '../services/answering-machine.ts';
import { canStartRedis, type RedisServer, startRedis } from '../services/redis-server.ts';
import { framescribe, start } from './framescribe.ts';

const LOCK_MS = 2_000;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe.skipIf(!canStartRedis())('videos through the queue', () => {
  let redis: RedisServer;
  let folder = '';
  let clip = '';
  let long = '';
  let count = 0;

  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'fs-queue-'));
    clip = join(folder, 'clip.y4m');
    long = join(folder, 'long.y4m');
    const bytes = testClip();
    const header = bytes.indexOf('\n') + 1;
    await writeFile(clip, bytes);
    await writeFile(long, Buffer.concat([bytes, ...Array.from({ length: 199 }, () => bytes.subarray(header))]));
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** A queue, a store and a temporary folder of its own. */
  async function site(more: NodeJS.ProcessEnv = {}) {
    const prefix = `test${++count}`;
    const [out, temp] = [join(folder, `out${count}`), join(folder, `t${count}`)];
    const env = {
      REDIS_URL: redis.url,
      FRAMESCRIBE_QUEUE_PREFIX: prefix,
      FRAMESCRIBE_QUEUE_STORE: out,
      FRAMESCRIBE_QUEUE_LOCK_MS: String(LOCK_MS),
      FRAMESCRIBE_QUEUE_GRACE_MS: '200',
      FRAMESCRIBE_FETCH_FOLDERS: folder,
      FRAMESCRIBE_TEMP_DIR: temp,
      FRAMESCRIBE_CAPTION_THREADS: '1',
      ...more,
    };
    const producer = createProducer({ redis: redis.url, prefix });
    return { env, producer, out, temp };
  }

  /** A worker that is ready, ended for good with the scope. */
  async function work(env: NodeJS.ProcessEnv) {
    const worker = start(['worker'], env);
    await until(() => worker.stderr().includes('ready:') || worker.child.exitCode !== null, 30_000);
    return {
      ...worker,
      [Symbol.asyncDispose]: async () => {
        worker.child.kill('SIGTERM');
        await worker.ended;
      },
    };
  }

  test('a clip ends in the store, with the bytes of result.json that `caption` makes, and tells its way in order', async () => {
    const { env, producer, out } = await site();
    await using _ = producer;
    await using worker = await work(env);
    const { id, state } = await producer.describe({ source: clip, labels: { user: '17' } });
    expect(['waiting', 'active']).toContain(state);
    const events = await collect(producer.events(id));
    expect(events.at(-1)?.kind).toBe('completed');
    const stages = events.flatMap((event) => (event.kind === 'progress' ? [event.progress.stage] : []));
    const order = ['fetch', 'probe', 'scan', 'caption', 'summarise', 'publish'];
    expect(stages).toEqual([...stages].sort((a, b) => order.indexOf(a) - order.indexOf(b)));

    const result = await producer.result(id);
    const verified = await framescribe(['verify', result?.place ?? '']);
    expect(verified.exitCode, verified.stdout).toBe(0);
    const own = join(folder, 'own');
    await framescribe(['caption', clip, '--out', own]);
    const [queued, direct] = [join(result?.place ?? '', 'result.json'), join(own, 'clip', 'result.json')];
    expect(await readFile(queued, 'utf8')).toBe(await readFile(direct, 'utf8'));
    expect(await readdir(out)).toEqual([result?.name]);
    expect(await producer.status(id)).toMatchObject({ state: 'completed', labels: { user: '17' }, attempts: 1 });
    expect(worker.stderr()).not.toContain('trouble');
  });

  test('a worker that is killed loses nothing: another one finishes, and nothing of the first is left', async () => {
    const { env, producer, out, temp } = await site();
    await using _ = producer;
    const first = start(['worker'], env);
    const { id } = await producer.describe({ source: long });
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
    const { env, producer, temp } = await site();
    await using _ = producer;
    await using _worker = await work(env);
    const { id } = await producer.describe({ source: long });
    await untilScanning(producer, id);
    const [ffmpeg = ''] = processesWith(temp);
    expect(ffmpeg).toContain('ffmpeg');
    process.kill(await parentOf(temp), 'SIGKILL');
    await until(async () => (await producer.status(id)).state === 'delayed', 10_000);
    expect(await producer.status(id)).toMatchObject({ attempts: 1, failure: { code: 'WORKER_LOST' } });
    await untilGone(temp, 6_000);
    expect((await collect(producer.events(id))).at(-1)?.kind).toBe('completed');
  });

  test('a cancelled job has no FFmpeg a second later, stays told, and can be tried again', async () => {
    const { env, producer, out, temp } = await site();
    await using _ = producer;
    await using _worker = await work(env);
    const { id } = await producer.describe({ source: long });
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
    const { env, producer } = await site();
    await using _ = producer;
    await using _worker = await work(env);
    const text = join(folder, 'text.mp4');
    await writeFile(text, 'no video at all\n'.repeat(100));
    const ends = [text, join(folder, 'absent.mp4'), '/etc/hostname'].map(async (source) => {
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
    const { env, producer } = await site({ FRAMESCRIBE_QUEUE_GRACE_MS: '20000' });
    await using _ = producer;
    const worker = await work(env);
    const { id } = await producer.describe({ source: clip });
    await until(async () => (await producer.status(id)).state !== 'waiting', 5_000);
    worker.child.kill('SIGTERM');
    expect((await worker.ended).exitCode).toBe(0);
    expect((await producer.status(id)).state).toBe('completed');
  });

  test('a worker without time left hands its job back, and the job has lost no try', async () => {
    const { env, producer, temp } = await site();
    await using _ = producer;
    const worker = await work(env);
    const { id } = await producer.describe({ source: long });
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
    const { env, producer } = await site({
      FRAMESCRIBE_QUEUE_WEBHOOK_SECRET: SECRET,
      FRAMESCRIBE_NOTIFY_ALLOW_HTTP: 'true',
      FRAMESCRIBE_NOTIFY_ALLOWED_NETWORKS: '127.0.0.0/8',
    });
    await using _ = producer;
    await using _worker = await work(env);
    const { id } = await producer.describe({ source: clip, callback: { url: `${receiver.url}/done` } });
    await until(() => calls.length === 2, 30_000);
    const [first, second] = calls;
    expect(
      verifyWebhook({ headers: second?.headers as Record<string, string>, body: second?.body ?? '' }, SECRET),
    ).toBe(true);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    const result = await producer.result(id);
    expect(JSON.parse(second?.body ?? '')).toMatchObject({ type: 'video.described', data: { job: id, result } });
  });
});

async function untilScanning(producer: Producer, id: string): Promise<void> {
  await until(async () => {
    const { state, progress } = await producer.status(id);
    return state === 'active' && progress?.stage === 'scan' && progress.doneMs > 0;
  }, 30_000);
}

async function collect(events: AsyncIterable<JobEvent>): Promise<readonly JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function until(question: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const start = performance.now();
  while (!(await question())) {
    if (performance.now() - start > withinMs) throw new Error(`Not so after ${withinMs} ms: ${question}`);
    await sleep(50);
  }
}

/** The process that started the FFmpeg which works below this folder. */
async function parentOf(text: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!line.includes(text) || !line.startsWith('ffmpeg')) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.split(') ').at(-1)?.split(' ')[1]);
  }
  throw new Error(`Expected an FFmpeg below ${text}`);
}
