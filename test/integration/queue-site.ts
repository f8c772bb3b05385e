import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testClip } from '../../src/pipeline/test-clip.ts';
import { createProducer, type JobEvent, type Producer } from '../../src/queue/index.ts';
import { type RedisServer, startRedis } from '../services/redis-server.ts';
import { start } from './framescribe.ts';

/** A Redis, a short and a long video, and any number of sites that share them. */
export interface Town extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly folder: string;
  /** Two seconds. */
  readonly clip: string;
  /** Some minutes; a worker takes some seconds. */
  readonly long: string;
  site(more?: NodeJS.ProcessEnv): Site;
}

/** A queue, a store and a temporary folder of their own. */
export interface Site extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
  readonly producer: Producer;
  readonly out: string;
  readonly temp: string;
}

export async function openTown(): Promise<Town> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), 'fs-queue-'));
  const [clip, long] = [join(folder, 'clip.y4m'), join(folder, 'long.y4m')];
  const bytes = testClip();
  const frames = bytes.subarray(bytes.indexOf('\n') + 1);
  await writeFile(clip, bytes);
  await writeFile(long, Buffer.concat([bytes, ...Array.from({ length: 99 }, () => frames)]));
  let count = 0;
  return {
    redis,
    folder,
    clip,
    long,
    site: (more = {}) => {
      const prefix = `test${++count}`;
      const [out, temp] = [join(folder, `out${count}`), join(folder, `t${count}`)];
      const env = {
        REDIS_URL: redis.url,
        FRAMESCRIBE_QUEUE_PREFIX: prefix,
        FRAMESCRIBE_QUEUE_STORE: out,
        FRAMESCRIBE_QUEUE_LOCK_MS: '2000',
        FRAMESCRIBE_QUEUE_GRACE_MS: '200',
        FRAMESCRIBE_FETCH_FOLDERS: folder,
        FRAMESCRIBE_TEMP_DIR: temp,
        FRAMESCRIBE_CAPTION_THREADS: '1',
        ...more,
      };
      const producer = createProducer({ redis: redis.url, prefix });
      return { env, producer, out, temp, [Symbol.asyncDispose]: () => producer.close() };
    },
    [Symbol.asyncDispose]: async () => {
      await redis[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A worker that is ready, and that ends with the scope. */
export async function work(env: NodeJS.ProcessEnv) {
  const worker = start(['worker'], env);
  await until(() => worker.stderr().includes('ready:') || worker.child.exitCode !== null, 30_000);
  return {
    ...worker,
    [Symbol.asyncDispose]: async () => {
      // One that a failed test has left frozen hears nothing else.
      worker.child.kill('SIGCONT');
      worker.child.kill('SIGTERM');
      await worker.ended;
    },
  };
}

export async function untilScanning(producer: Producer, id: string): Promise<void> {
  await until(async () => {
    const { state, progress } = await producer.status(id);
    return state === 'active' && progress?.stage === 'scan' && progress.doneMs > 0;
  }, 30_000);
}

export async function collect(events: AsyncIterable<JobEvent>): Promise<readonly JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export async function until(question: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const start = performance.now();
  while (!(await question())) {
    if (performance.now() - start > withinMs) throw new Error(`Not so after ${withinMs} ms: ${question}`);
    await sleep(50);
  }
}

/** The processes that a process has started. */
export function childrenOf(parent: number | undefined): readonly number[] {
  const lines = execFileSync('ps', ['-eo', 'ppid=,pid='], { encoding: 'utf8' }).split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.filter(([ppid]) => ppid === parent).map(([, pid = 0]) => pid);
}
