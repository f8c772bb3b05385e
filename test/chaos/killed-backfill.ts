import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RunReport } from '../../src/backfill/report.ts';
import type { RunView } from '../../src/backfill/view.ts';
import { result } from '../../src/domain/result.ts';
import { eachResult } from '../../src/pipeline/stored-results.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { start } from '../integration/framescribe.ts';
import type { RedisServer } from '../services/redis-server.ts';
import { makeBucket } from '../services/s3-bucket.ts';
import type { S3Server } from '../services/s3-server.ts';
import { Berth } from './crew.ts';
import type { Random } from './random.ts';
import { putTapes, type Tapes } from './tapes.ts';

/** A run over tapes in a bucket, in which processes were killed, and all that was found afterwards. */
export interface KilledBackfill {
  readonly tapes: Tapes;
  readonly report: RunReport;
  /** Sources that the store has a result of, and how many it has. */
  readonly described: ReadonlySet<string>;
  readonly results: number;
  /** Sources of the list of failures. */
  readonly failures: readonly string[];
  /** Jobs that were ever added to the queue, those that were there already included. */
  readonly added: number;
  /** Jobs that pauses took out of the queue, which are added once more. */
  readonly withdrawn: number;
  /** How often a worker has taken a job up, and how often one was completed. */
  readonly taken: number;
  readonly completed: number;
  /** Jobs that killed workers had at hand. */
  readonly atHand: number;
  readonly waitingAtMost: number;
  readonly wallMs: number;
}

export interface KilledBackfillPlan {
  readonly tapes: number;
  readonly workers: number;
  readonly kills: number;
  /** The share of videos that have ended by the time of each kill is chosen at random below this. */
  readonly random: Random;
  /** Back-catalogue jobs that the queue may hold. */
  readonly waiting: number;
  readonly say: (line: string) => void;
  /** Ends when the machine is somebody else's turn; without one it's all ours. */
  readonly turn?: () => Promise<{ readonly isOver: () => boolean }>;
}

const [BUCKET, NAME, PREFIX] = ['catalogue', 'killed', 'killed'];
const LOCK_MS = 3_000;

/** Starts workers of its own with the given servers, and leaves none behind. */
export async function playKilledBackfill(
  plan: KilledBackfillPlan,
  redis: RedisServer,
  server: S3Server,
): Promise<KilledBackfill> {
  const folder = await mkdtemp(join(tmpdir(), 'fs-killed-'));
  try {
    return await play(plan, folder, redis, server);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function play(
  plan: KilledBackfillPlan,
  folder: string,
  redis: RedisServer,
  server: S3Server,
): Promise<KilledBackfill> {
  const startMs = performance.now();
  const { say, random } = plan;
  const bucket = await makeBucket(server, BUCKET);
  const tapes = await putTapes(bucket.client, BUCKET, plan.tapes);
  const all = tapes.good.length + tapes.bad.length;
  say(`${all} tapes are in the bucket`);
  const store = `s3://${BUCKET}/results`;
  const env = {
    ...bucket.env,
    REDIS_URL: redis.url,
    FRAMESCRIBE_QUEUE_PREFIX: PREFIX,
    FRAMESCRIBE_QUEUE_STORE: store,
    FRAMESCRIBE_QUEUE_LOCK_MS: `${LOCK_MS}`,
    FRAMESCRIBE_CAPTION_THREADS: '1',
    FRAMESCRIBE_OBSERVE_LOG_FORMAT: 'json',
    FRAMESCRIBE_OBSERVE_LOG_LEVEL: 'info',
  };
  Object.assign(process.env, bucket.env);
  const berths = Array.from({ length: plan.workers }, (_, index) => new Berth(join(folder, `${index}`), env, 0));
  const client = new Redis(redis.url);
  const run = (...words: string[]) => start(['backfill', ...words], env);
  const view = async (): Promise<RunView> => {
    const { stdout, stderr, exitCode } = await run('show', NAME, '--json').ended;
    if (exitCode !== 0) throw new Error(`Expected to see the run:\n${stderr}`);
    return JSON.parse(stdout);
  };
  const ended = async () =>
    Number(await client.zcard(`${PREFIX}:describe:completed`)) +
    Number(await client.zcard(`${PREFIX}:describe:failed`));
  let atHand = 0;
  let withdrawn = 0;
  let waitingAtMost = 0;
  try {
    await Promise.all(berths.map((berth) => berth.start()));
    const killsAt = Array.from({ length: plan.kills }, () => random.between(0.05, 0.85) * Math.min(all, 1000)).sort(
      (a, b) => a - b,
    );
    let turn = await plan.turn?.();
    let driver = run(`s3://${BUCKET}/tapes`, '--name', NAME, '--waiting', `${plan.waiting}`);
    let hasEnded = false;
    const watch = (started: typeof driver) => {
      hasEnded = false;
      void started.ended.then(() => {
        hasEnded = started === driver;
      });
    };
    watch(driver);
    for (;;) {
      await sleep(50);
      waitingAtMost = Math.max(waitingAtMost, await client.zcard(`${PREFIX}:describe:prioritized`));
      if (hasEnded) {
        const { exitCode, stderr } = await driver.ended;
        if (exitCode !== 3) throw new Error(`Expected a run with some failures, got ${exitCode}:\n${stderr}`);
        break;
      }
      if (turn?.isOver()) {
        await run('pause', NAME).ended;
        await driver.ended;
        while ((await client.llen(`${PREFIX}:describe:active`)) > 0) await sleep(100);
        const now = await view();
        say(`pause: ${JSON.stringify(now)}`);
        if (now.status === 'ended') break;
        withdrawn += now.held;
        turn = await plan.turn?.();
        driver = run('resume', NAME);
        watch(driver);
      }
      if (killsAt[0] === undefined || (await ended()) < killsAt[0]) continue;
      killsAt.shift();
      const berth = berths[random.whole(0, berths.length)] as Berth;
      driver.child.kill('SIGKILL');
      await driver.ended;
      atHand += Number(await client.llen(`${PREFIX}:describe:active`));
      await berth.kill();
      say(`killed the run and a worker when ${await ended()} had ended`);
      await berth.start();
      driver = run('resume', NAME);
      watch(driver);
    }
    for (const berth of berths) await berth.stop();
    return {
      ...(await found(store, bucket.settings)),
      ...{ tapes, atHand, withdrawn, waitingAtMost },
      added: Number(await client.get(`${PREFIX}:describe:id`)),
      taken: count(berths, 'taken'),
      completed: count(berths, 'completed'),
      wallMs: performance.now() - startMs,
    };
  } finally {
    for (const berth of berths) await berth.kill();
    client.disconnect();
    bucket.client.destroy();
  }
}

function count(berths: readonly Berth[], event: string): number {
  return berths.flatMap(({ log }) => log).filter((line) => line.event === event && line.type === 'describe').length;
}

/** What lies in the store in the end. */
async function found(place: string, s3: Parameters<typeof openStore>[1]['s3']) {
  const settings = { s3 } as Parameters<typeof openStore>[1];
  const store = await openStore(place, settings);
  const runs = await openStore(`${place}/.backfill/${NAME}`, settings);
  const described = new Set<string>();
  let results = 0;
  await eachResult(store, async ({ read }) => {
    described.add(result.parse(await read()).video.sha256);
    results++;
  });
  const lines = String(await runs.read('report', 'failures.jsonl'))
    .split('\n')
    .filter((line) => line !== '');
  return {
    described,
    results,
    report: JSON.parse(String(await runs.read('report', 'report.json'))) as RunReport,
    failures: lines.map((line) => JSON.parse(line).source as string),
  };
}
