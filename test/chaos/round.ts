import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { verifyResult } from '../../src/pipeline/verify.ts';
import { createProducer, type JobStatus, type Producer } from '../../src/queue/index.ts';
import { MANIFEST_FILE } from '../../src/storage/manifest.ts';
import { s3Store } from '../../src/storage/s3-store.ts';
import { until } from '../integration/queue-site.ts';
import { BLOWS, type Kind, LOCK_MS } from './blows.ts';
import { type City, UPLOADS } from './city.ts';
import { Berth, type LogLine } from './crew.ts';
import type { Random } from './random.ts';

/** One round: videos are submitted, something bad happens at some instant, and everything is looked at. */
export interface Round {
  readonly number: number;
  readonly kind: Kind;
  readonly afterMs: number;
  readonly what: string;
  readonly jobs: number;
  readonly completed: number;
  readonly segments: number;
  /** How often a worker took one up. */
  readonly tries: number;
  /** How often one was begun that somebody had begun before. */
  readonly computedAgain: number;
  readonly lockLost: number;
  readonly wallMs: number;
  readonly faults: readonly string[];
  /** The logs of the workers, where there are faults. */
  readonly said: readonly string[];
}

export interface RoundPlan {
  readonly number: number;
  readonly kind: Kind;
  readonly workers: number;
  /** The blow falls at some instant up to this one. */
  readonly latestMs: number;
  readonly outageMs: number;
}

const ENDED_WITHIN_MS = 240_000;
const SMALL_DISK_BYTES = 48 << 20;

export async function playRound(city: City, random: Random, plan: RoundPlan): Promise<Round> {
  const startedMs = performance.now();
  const afterMs = Math.round(random.between(0, plan.latestMs));
  const faults: string[] = [];
  const prefix = `round${plan.number}/`;
  const folder = join(city.folder, `r${plan.number}`);
  const env = {
    ...city.env,
    REDIS_URL: city.redis.url,
    FRAMESCRIBE_QUEUE_PREFIX: `round${plan.number}`,
    FRAMESCRIBE_QUEUE_STORE: `s3://${UPLOADS}/${prefix}`,
    FRAMESCRIBE_QUEUE_LOCK_MS: `${LOCK_MS}`,
    FRAMESCRIBE_QUEUE_GRACE_MS: '1000',
    FRAMESCRIBE_QUEUE_SEGMENT_MS: '20000',
    FRAMESCRIBE_STORAGE_S3_REQUEST_TIMEOUT_MS: '3000',
    FRAMESCRIBE_TEMP_KEEP_FREE_BYTES: '0',
    FRAMESCRIBE_OBSERVE_LOG_FORMAT: 'json',
    // Tells of each segment that is begun.
    FRAMESCRIBE_OBSERVE_LOG_LEVEL: 'debug',
  };
  await mkdir(folder);
  const berths = Array.from({ length: plan.workers }, (_, index) => {
    const disk = plan.kind === 'full disk' && index === 0 ? SMALL_DISK_BYTES : 0;
    return new Berth(join(folder, `${index}`), env, disk);
  });
  await using producer = createProducer({ redis: city.redis.url, prefix: `round${plan.number}` });
  try {
    await Promise.all(berths.map((berth) => berth.start()));
    const submitted = await producer.describeMany(
      city.videos.map(({ name }) => ({ source: `s3://${UPLOADS}/new/${name}` })),
    );
    const ended = untilEnded(producer, submitted);
    await sleep(afterMs);
    const what = await BLOWS[plan.kind]({ city, berths, random, outageMs: plan.outageMs, ended });
    const jobs = await ended;
    const standing = await manifestsBelow(city, prefix);
    // Whoever was late has the time to do something that he mustn't.
    if (plan.kind === 'freeze worker') await sleep(LOCK_MS);
    for (const [index, berth] of berths.entries()) {
      const exitCode = await berth.stop();
      if (exitCode !== 0) faults.push(`worker ${index} ended with ${exitCode}`);
    }
    for (const job of jobs) faults.push(...(await faultsOf(job, city, prefix)));
    if ((await manifestsBelow(city, prefix)).join() !== standing.join()) faults.push('a late write won');
    faults.push(...(await strays(city, prefix, jobs)));
    await until(async () => (await leftovers(berths)).length === 0, 8_000).catch(async () =>
      faults.push(`left behind: ${(await leftovers(berths)).join(' ')}`),
    );
    const log = berths.flatMap((berth) => berth.log);
    const said = faults.length > 0 ? berths.map((berth) => berth.said) : [];
    return {
      number: plan.number,
      kind: plan.kind,
      afterMs,
      what,
      jobs: jobs.length,
      completed: jobs.filter(({ state }) => state === 'completed').length,
      ...segmentsOf(log),
      lockLost: log.filter(({ event }) => event === 'lock-lost').length,
      wallMs: Math.round(performance.now() - startedMs),
      faults,
      said,
    };
  } finally {
    for (const berth of berths) await berth.kill();
  }
}

/** What has become of the jobs when all have ended, or when it has taken too long. */
async function untilEnded(producer: Producer, ids: readonly string[]): Promise<readonly JobStatus[]> {
  let jobs: readonly JobStatus[] = [];
  const allEnded = async () => {
    // Redis may be away.
    jobs = await Promise.all(ids.map((id) => producer.status(id))).catch(() => jobs);
    return jobs.length > 0 && jobs.every(({ state }) => isEnd(state));
  };
  await until(allEnded, ENDED_WITHIN_MS).catch(() => {});
  return jobs;
}

function isEnd(state: JobStatus['state']): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

/** What is wrong with a job and its result. */
async function faultsOf(job: JobStatus, city: City, prefix: string): Promise<readonly string[]> {
  if (job.state !== 'completed' || job.result === null) {
    return [`${job.source}: ${job.state}, ${job.failure?.code}: ${job.failure?.message}`];
  }
  const store = s3Store({ bucket: UPLOADS, prefix }, city.bucket.settings);
  const { name } = job.result;
  const faults = (await verifyResult(name, store)).flatMap((check) => check.faults.map((fault) => `${name}: ${fault}`));
  const video = city.videos.find((candidate) => job.source.endsWith(`/${candidate.name}`));
  const bytes = await store.read(name, 'result.json');
  if (video === undefined || !bytes.equals(video.expected)) faults.push(`${name}: result.json has other bytes`);
  return faults;
}

async function keysBelow(
  city: City,
  prefix: string,
): Promise<readonly { readonly key: string; readonly etag: string }[]> {
  const request = new ListObjectsV2Command({ Bucket: UPLOADS, Prefix: prefix });
  const { Contents = [] } = await city.bucket.client.send(request);
  return Contents.map(({ Key = '', ETag = '' }) => ({ key: Key.slice(prefix.length), etag: ETag }));
}

async function manifestsBelow(city: City, prefix: string): Promise<readonly string[]> {
  const keys = await keysBelow(city, prefix);
  return keys.filter(({ key }) => key.endsWith(MANIFEST_FILE)).map(({ key, etag }) => `${key} ${etag}`);
}

/** Whatever lies in the store beside the results of these jobs. */
async function strays(city: City, prefix: string, jobs: readonly JobStatus[]): Promise<readonly string[]> {
  const store = s3Store({ bucket: UPLOADS, prefix }, city.bucket.settings);
  const expected = new Set<string>();
  for (const { result } of jobs) {
    if (result === null) continue;
    const manifest = JSON.parse(String(await store.read(result.name, MANIFEST_FILE)));
    expected.add(`${result.name}/${MANIFEST_FILE}`);
    for (const { name } of manifest.files) expected.add(`${result.name}/${manifest.folder}/${name}`);
  }
  const found = (await keysBelow(city, prefix)).map(({ key }) => key);
  return found.filter((key) => !expected.has(key)).map((key) => `in the store for nothing: ${key}`);
}

async function leftovers(berths: readonly Berth[]): Promise<readonly string[]> {
  return (await Promise.all(berths.map((berth) => berth.leftovers()))).flat();
}

/** A segment counts once its first frame is decoded somewhere; a try that finds it in the store computes nothing. */
function segmentsOf(log: readonly LogLine[]): Pick<Round, 'segments' | 'tries' | 'computedAgain'> {
  const begun = log
    .filter(({ event }) => event === 'computing')
    .map(({ job = '' }) => job.replace(/-\d+-(\d+)$/, ' $1'));
  const segments = new Set(begun).size;
  const tries = log.filter(({ event, type }) => event === 'taken' && type === 'segment').length;
  return { segments, tries, computedAgain: begun.length - segments };
}
