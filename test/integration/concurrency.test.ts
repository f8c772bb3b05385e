import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOperator } from '../../src/queue/index.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { framescribe } from './framescribe.ts';
import { openTown, type Site, type Town, until, work } from './queue-site.ts';

describe.skipIf(!canStartRedis())('how many videos at a time', () => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test('can be changed while a worker is in the middle of a long one, for it and for those that come later', async () => {
    await using site = town.site();
    const { producer, env } = site;
    await using _first = await work({ ...env, FRAMESCRIBE_QUEUE_WORKER_NAME: 'first' });
    // Longer together, one after the other, than a worker takes to hear of a change.
    const versions = ['a', 'b', 'c', 'd'];
    const jobs = await Promise.all(versions.map((version) => producer.describe({ source: town.long, version })));
    const active = async () => {
      const states = await Promise.all(jobs.map(async ({ id }) => (await producer.status(id)).state));
      return states.filter((state) => state === 'active').length;
    };
    await until(async () => (await active()) === 1, 20_000);

    expect((await framescribe(['concurrency', '2'], env)).exitCode).toBe(0);
    await until(async () => (await active()) === 2, 20_000);

    await using _later = await work({ ...env, FRAMESCRIBE_QUEUE_WORKER_NAME: 'later' });
    await until(async () => (await concurrencies(site)).later === 2, 10_000);
    expect((await framescribe(['concurrency', '3', '--worker', 'later'], env)).exitCode).toBe(0);
    await untilThey(site, { first: 2, later: 3 });
    expect((await framescribe(['concurrency', 'default'], env)).exitCode).toBe(0);
    await untilThey(site, { first: 1, later: 1 });

    const told = JSON.parse((await framescribe(['status', '--json'], env)).stdout);
    expect(told.workers).toMatchObject([
      { name: 'first', concurrency: 1 },
      { name: 'later', concurrency: 1 },
    ]);
    const shown = await framescribe(['status'], env);
    expect(shown.stdout).toMatch(/^queue +waiting +active.*oldest\ndescribe +\d +\d/);
    expect(shown.stdout).toMatch(/^first +\d +1 .*flickr8k/m);
  });

  test('of a worker that has stopped are no longer told', async () => {
    await using site = town.site({ FRAMESCRIBE_QUEUE_WORKER_NAME: 'gone' });
    {
      await using _worker = await work(site.env);
      await until(async () => Object.keys(await concurrencies(site)).length === 1, 10_000);
    }
    expect(await concurrencies(site)).toEqual({});
    expect((await framescribe(['status'], site.env)).stdout).toContain('no worker');
  });

  test.each([['0'], ['65'], ['many'], ['2', '--worker', 'a b']])(
    'is refused where it makes no sense: %s',
    async (...words) => {
      expect((await framescribe(['concurrency', ...words])).exitCode).toBe(2);
    },
  );
});

async function concurrencies({ env: { REDIS_URL: redis = '', FRAMESCRIBE_QUEUE_PREFIX: prefix = '' } }: Site) {
  await using operator = createOperator({ redis, prefix, answerMs: 5_000 });
  const { workers } = await operator.overview();
  return Object.fromEntries(workers.map(({ name, concurrency }) => [name, concurrency]));
}

/** Workers hear of a change one by one. */
function untilThey(site: Site, expected: Record<string, number>): Promise<void> {
  return until(async () => isDeepStrictEqual(await concurrencies(site), expected), 10_000);
}
