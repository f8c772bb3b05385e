import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canStartRedis } from '../services/redis-server.ts';
import { canStartS3Server } from '../services/s3-server.ts';
import type { Kind } from './blows.ts';
import { type City, openCity } from './city.ts';
import { canMakeSmallDisk } from './crew.ts';
import { randomFrom } from './random.ts';
import { playRound } from './round.ts';

const SEED = 1;
/** Longer than a lock of the rounds lasts. */
const OUTAGE_MS = 4_000;

/** A sample: `npm run chaos` plays them by the dozen. */
describe.runIf(canStartRedis() && canStartS3Server())('chaos', () => {
  let city: City;
  beforeAll(async () => {
    city = await openCity(randomFrom(SEED), [40]);
  });
  afterAll(() => city?.[Symbol.asyncDispose]());

  test.each<{ kind: Kind; mostComputedAgain: number }>([
    { kind: 'pause redis', mostComputedAgain: 0 },
    { kind: 'stop s3', mostComputedAgain: 0 },
    { kind: 'full disk', mostComputedAgain: 1 },
  ])(
    '$kind: every video is described once, next to nothing is computed again, and nothing is left behind',
    async (round) => {
      const { kind, mostComputedAgain } = round;
      if (kind === 'full disk' && !canMakeSmallDisk(city.folder)) return;
      const number = kind.length;
      const plan = { number, kind, workers: 2, latestMs: 3_000, outageMs: OUTAGE_MS };
      const { jobs, completed, faults, said, computedAgain } = await playRound(city, randomFrom(SEED), plan);
      expect(faults, said.join('\n')).toEqual([]);
      expect(completed).toBe(jobs);
      expect(computedAgain).toBeLessThanOrEqual(mostComputedAgain);
    },
    120_000,
  );
});
