/**
 * How much faster two workers are than one, and whether the process that holds the locks breathes:
 * `node dist/bench/workers.js [clips] [runs]`. Each worker has one processor for itself and all that it starts, one decoder
 * thread and one for captions. The batch goes to one worker, then to two, in turn; beside them a process that does nothing
 * shows what the machine alone delays.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateRedis } from '../src/cli/private-redis.ts';
import { createProducer } from '../src/queue/index.ts';
import { median } from './cost.ts';

const HOLDER = 'dist/bench/lock-holder.js';
const [clips, runs] = [Number(process.argv[2] ?? 30), Number(process.argv[3] ?? 3)];
/** Shots of some seconds that differ much. */
const CLIP = ['-f', 'lavfi', '-i', "mandelbrot=size=640x360:rate=25:end_scale=0.01,hue=h='90*floor(t/4)'", '-t', '12'];

if (availableParallelism() < 2) throw new Error('Expected two processors');
const folder = await mkdtemp(join(tmpdir(), 'fs-bench-'));
try {
  await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface Lag {
  readonly p999: number;
  readonly max: number;
}

interface Batch {
  readonly seconds: number;
  readonly lags: readonly Lag[];
}

async function run(): Promise<void> {
  const clip = join(folder, 'clip.mp4');
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...CLIP, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', clip]);
  await using redis = await startPrivateRedis();
  const batches: { readonly one: Batch; readonly two: Batch }[] = [];
  const idle = await start('idle', 1, {});
  for (let turn = 0; turn < runs; turn++) {
    const one = await describeBatch(clip, redis.url, 1, `one${turn}`);
    const two = await describeBatch(clip, redis.url, 2, `two${turn}`);
    batches.push({ one, two });
    console.log(`${clips} clips: one worker ${one.seconds.toFixed(1)} s, two ${two.seconds.toFixed(1)} s`);
  }
  const machine = await idle.stop();
  const lags = batches.flatMap(({ one, two }) => [...one.lags, ...two.lags]);
  const ratio = median(batches.map(({ one, two }) => one.seconds / two.seconds));
  console.log(`two workers over one: ${ratio.toFixed(2)} times the videos an hour, median of ${runs}`);
  console.log(
    `event loop of whoever holds the locks: p99.9 ${median(lags.map(({ p999 }) => p999))} ms (median of ${lags.length}), ` +
      `at most ${Math.max(...lags.map(({ p999 }) => p999))} ms; of an idle process ${machine.p999} ms`,
  );
}

async function describeBatch(clip: string, url: string, workers: number, prefix: string): Promise<Batch> {
  const env = {
    REDIS_URL: url,
    FRAMESCRIBE_QUEUE_PREFIX: prefix,
    FRAMESCRIBE_QUEUE_STORE: join(folder, prefix),
    FRAMESCRIBE_FETCH_FOLDERS: folder,
    FRAMESCRIBE_FFMPEG_THREADS: '1',
    FRAMESCRIBE_CAPTION_THREADS: '1',
  };
  const started = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      start('worker', index, { ...env, FRAMESCRIBE_TEMP_DIR: join(folder, `t${index}`) }),
    ),
  );
  await using producer = createProducer({ redis: url, prefix });
  const begun = performance.now();
  const ids = await producer.describeMany(
    Array.from({ length: clips }, (_, index) => ({ source: clip, version: String(index) })),
  );
  await Promise.all(
    ids.map(async (id) => {
      for await (const event of producer.events(id)) {
        if (event.kind === 'failed') throw new Error(`${event.failure.code}: ${event.failure.message}`);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const lags = await Promise.all(started.map((worker) => worker.stop()));
  return { seconds, lags };
}

/** A worker that has a processor of its own, or an idle process on it. */
async function start(what: 'worker' | 'idle', processor: number, env: NodeJS.ProcessEnv) {
  const args = ['-c', String(processor), process.execPath, HOLDER, ...(what === 'idle' ? ['idle'] : [])];
  const child = spawn('taskset', args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await ready(child, () => said.includes('ready'));
  return {
    stop: async (): Promise<Lag> => {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      return JSON.parse(said.split('\n').at(1) ?? '');
    },
  };
}

async function ready(child: ChildProcess, isReady: () => boolean): Promise<void> {
  while (!isReady()) {
    if (child.exitCode !== null) throw new Error(`Expected a worker to start, it ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
