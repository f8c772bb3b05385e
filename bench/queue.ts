/**
 * What the queue costs a video, beside BullMQ's own jobs that do nothing: `node dist/bench/queue.js [videos]`. One short clip
 * is submitted again and again, each time as another job, and waited for; between them goes a job of a worker that
 * returns at once. Overhead is all that passes from submitting to hearing of the end, less the work itself as the
 * process that describes measures it. Then what workers and jobs that only wait need of Redis.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { startPrivateRedis } from '../src/cli/private-redis.ts';
import { loadConfig } from '../src/pipeline/load-config.ts';
import { testClip } from '../src/pipeline/test-clip.ts';
import { createProducer } from '../src/queue/index.ts';
import { startWorker } from '../workers/worker.ts';
import { median } from './cost.ts';

interface Turn {
  readonly overheadMs: number;
  readonly noopMs: number;
  readonly commands: number;
  readonly bytesToRedis: number;
  readonly bytesFromRedis: number;
}

const WARM_UP = 5;
const [SETTLED_MS, IDLE_MS] = [5_000, 20_000];
const WAITING = 5_000;
const videos = Number(process.argv[2] ?? 100);
const folder = await mkdtemp(join(tmpdir(), 'fs-bench-'));
try {
  await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const clip = join(folder, 'clip.y4m');
  await writeFile(clip, testClip());
  await using redis = await startPrivateRedis();
  const config = await loadConfig({
    ...process.env,
    REDIS_URL: redis.url,
    FRAMESCRIBE_QUEUE_STORE: join(folder, 'out'),
    FRAMESCRIBE_TEMP_DIR: join(folder, 't'),
    FRAMESCRIBE_FETCH_FOLDERS: folder,
  });
  const watcher = new Redis(redis.url, { protocol: 2 });
  const clientsBefore = field(await watcher.info('clients'), 'connected_clients');
  let workMs = 0;
  await using _worker = await startWorker(config, (event) => {
    if (event.kind === 'measured') workMs = event.measures.wallMs;
  });
  await sleep(SETTLED_MS);
  const idle = await idleCommands(watcher);
  const clients = field(await watcher.info('clients'), 'connected_clients') - clientsBefore;
  await using producer = createProducer({ redis: redis.url, prefix: config.queue.prefix });
  const waitingBytes = await bytesOfWaiting(watcher, redis.url);
  const noop = await openNoop(redis.url);
  const turns: Turn[] = [];
  let memoryBefore = 0;
  for (let turn = 0; turn < WARM_UP + videos; turn++) {
    if (turn === WARM_UP) memoryBefore = await usedMemory(watcher);
    const before = await counts(watcher);
    const start = performance.now();
    const { id } = await producer.describe({ source: clip, version: String(turn) });
    for await (const event of producer.events(id)) {
      if (event.kind === 'failed') throw new Error(`${event.failure.code}: ${event.failure.message}`);
    }
    const wholeMs = performance.now() - start;
    const after = await counts(watcher);
    turns.push({
      overheadMs: wholeMs - workMs,
      noopMs: await noop.once(),
      // The look before is one of them.
      commands: after.commands - before.commands - 1,
      bytesToRedis: after.bytesIn - before.bytesIn,
      bytesFromRedis: after.bytesOut - before.bytesOut,
    });
  }
  const keptBytes = ((await usedMemory(watcher)) - memoryBefore) / videos;
  const measured = turns.slice(WARM_UP);
  const of = (value: (turn: Turn) => number) => median(measured.map(value));
  console.log(`a video, median of ${videos}:`);
  console.log(`  overhead of the queue      ${of(({ overheadMs }) => overheadMs).toFixed(1)} ms`);
  console.log(`  a job that does nothing    ${of(({ noopMs }) => noopMs).toFixed(1)} ms`);
  console.log(`  commands to Redis          ${of(({ commands }) => commands)}`);
  console.log(`  bytes to Redis             ${of(({ bytesToRedis }) => bytesToRedis)}`);
  console.log(`  bytes from Redis           ${of(({ bytesFromRedis }) => bytesFromRedis)}`);
  console.log(`  memory that stays in Redis ${Math.round(keptBytes)} bytes, its events among them`);
  console.log(`a video that waits: ${waitingBytes} bytes`);
  console.log(`an idle worker: ${clients} connections, ${idle.toFixed(1)} commands a second`);
  await noop.close();
  watcher.disconnect();
}

async function idleCommands(redis: Redis): Promise<number> {
  const before = await counts(redis);
  await sleep(IDLE_MS);
  return ((await counts(redis)).commands - before.commands - 1) / (IDLE_MS / 1000);
}

/** Of a back catalogue that nobody works at. */
async function bytesOfWaiting(redis: Redis, url: string): Promise<number> {
  await using producer = createProducer({ redis: url, prefix: 'waiting' });
  const before = await usedMemory(redis);
  await producer.describeMany(
    Array.from({ length: WAITING }, (_, index) => ({
      source: `s3://some-bucket/some/folder/of-the-archive/tape-${index}.mp4`,
      priority: 'back-catalogue' as const,
    })),
  );
  return Math.round(((await usedMemory(redis)) - before) / WAITING);
}

/** BullMQ as it comes: one queue, one worker, one listener. */
async function openNoop(url: string) {
  const connections: Redis[] = [];
  const connection = () => {
    const opened = new Redis(url, { protocol: 2, maxRetriesPerRequest: null });
    connections.push(opened);
    return opened;
  };
  const queue = new Queue('noop', { connection: connection() });
  const worker = new Worker('noop', async () => null, { connection: connection() });
  const events = new QueueEvents('noop', { connection: connection() });
  await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);
  return {
    once: async () => {
      const start = performance.now();
      const job = await queue.add('noop', {}, { removeOnComplete: true });
      await job.waitUntilFinished(events);
      return performance.now() - start;
    },
    close: async () => {
      await Promise.all([queue.close(), worker.close(), events.close()]);
      for (const each of connections) each.disconnect();
    },
  };
}

async function counts(redis: Redis) {
  const stats = await redis.info('stats');
  return {
    commands: field(stats, 'total_commands_processed'),
    bytesIn: field(stats, 'total_net_input_bytes'),
    bytesOut: field(stats, 'total_net_output_bytes'),
  };
}

async function usedMemory(redis: Redis): Promise<number> {
  return field(await redis.info('memory'), 'used_memory');
}

function field(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
}
