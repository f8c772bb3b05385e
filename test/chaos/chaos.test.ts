import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JOB_RULES } from '../../src/queue/jobs.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { canStartS3Server } from '../services/s3-server.ts';
import { KINDS, type Kind } from './blows.ts';
import { type City, openCity } from './city.ts';
import { canMakeSmallDisk } from './crew.ts';
import { randomFrom } from './random.ts';
import { playRound } from './round.ts';

const SEED = 20;
const WORKERS = 2;
const VIDEO_SECONDS = [50, 45];
const LATEST_BLOW_MS = 2_500;
const OUTAGE_MS = 4_000;
const TIMEOUT_MS = 300_000;

const hasSmallDisk = canMakeSmallDisk(tmpdir());
if (!hasSmallDisk) console.warn('Left out one test of chaos: a full disk needs the right to mount one in memory.');

describe.runIf(canStartRedis() && canStartS3Server())('nothing is lost, doubled or left behind', () => {
  const random = randomFrom(SEED);
  let city: City;
  beforeAll(async () => {
    city = await openCity(random, VIDEO_SECONDS);
  }, TIMEOUT_MS);
  afterAll(() => city?.[Symbol.asyncDispose]());

  test.each(
    KINDS.filter((kind) => kind !== 'full disk' || hasSmallDisk).map((kind, index) => ({ kind, number: index })),
  )(
    'by one blow at some instant: $kind',
    async ({ kind, number }) => {
      const plan = { number, kind, workers: WORKERS, latestMs: LATEST_BLOW_MS, outageMs: OUTAGE_MS };
      const { said, ...round } = await playRound(city, random, plan);
      console.info(JSON.stringify(round));
      expect(round.faults, said.join('\n')).toEqual([]);
      expect(round.completed).toBe(round.jobs);
      expect(round.jobs).toBe(VIDEO_SECONDS.length);
      expect(round.segments).toBeGreaterThan(VIDEO_SECONDS.length);
      expect(round.segmentsAgain).toBeLessThanOrEqual(mostAgain(kind));
    },
    TIMEOUT_MS,
  );
});

/** One blow costs the segment at hand; while something is away or full, workers try as often as they may. */
function mostAgain(kind: Kind): number {
  if (kind === 'stop s3' || kind === 'full disk') return WORKERS * (JOB_RULES.segment.attempts - 1);
  return kind === 'pause redis' || kind === 'restart redis' ? WORKERS : 1;
}
