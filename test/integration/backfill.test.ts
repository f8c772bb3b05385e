import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Backfills, openBackfills } from '../../src/backfill/backfills.ts';
import type { RunChoices } from '../../src/backfill/make-spec.ts';
import type { RunView } from '../../src/backfill/view.ts';
import { loadConfig } from '../../src/pipeline/load-config.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { framescribe, start } from './framescribe.ts';
import { openTown, type Site, type Town, until, work } from './queue-site.ts';

describe.runIf(canStartRedis())('a back catalogue in a folder', () => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  let count = 0;
  /** A folder of so many videos that nobody has seen. */
  async function tapes(videos: number): Promise<string> {
    const folder = join(town.folder, `tapes${++count}`);
    await mkdir(folder);
    for (let number = 0; number < videos; number++) await copyFile(town.clip, join(folder, `${number}.y4m`));
    writeFileSync(join(folder, 'notes.txt'), 'no video');
    return folder;
  }

  async function open(site: Site): Promise<Backfills> {
    return openBackfills(await loadConfig(site.env));
  }

  /** Starts a run and tells its views; `seen` waits for one. */
  function begin(backfills: Backfills, source: string, name: string, choices: RunChoices = {}) {
    const stop = new AbortController();
    let now: RunView | null = null;
    const onView = (view: RunView) => {
      now = view;
    };
    const ended = backfills.start(source, name, choices, { signal: stop.signal, onView });
    ended.catch(() => {});
    const seen = (isIt: (view: RunView) => boolean) => until(() => now !== null && isIt(now), 20_000);
    return { ended, seen, stop: () => stop.abort() };
  }

  test('is paused, loses Redis with all that was queued, goes on elsewhere, and is cancelled', async () => {
    await using site = town.site();
    await using here = await open(site);
    await using elsewhere = await open(site);
    const source = await tapes(12);
    const run = begin(here, source, 'old', { limits: { waiting: 5 } });
    await run.seen(({ underWay, total }) => underWay === 5 && total === 12);
    await until(async () => (await site.producer.counts()).waiting === 5, 10_000);
    await until(async () => (await elsewhere.show('old')).listed === 5, 10_000);

    const quiet = { signal: new AbortController().signal };
    expect(await elsewhere.tell('old', 'pause', quiet)).toMatchObject({ status: 'paused', underWay: 0, held: 5 });
    expect(await run.ended).toMatchObject({ status: 'paused' });
    expect(await site.producer.counts()).toMatchObject({ waiting: 0 });
    await expect(here.start(source, 'old', { limits: { waiting: 5 } }, quiet)).rejects.toMatchObject({ code: 'USAGE' });

    const client = new Redis(town.redis.url);
    await client.flushall();
    client.disconnect();
    expect(await elsewhere.show('old')).toMatchObject({ status: 'paused', held: 5 });
    const again = new AbortController();
    let view: RunView | null = null;
    const resumed = elsewhere.resume('old', {
      signal: again.signal,
      onView: (now) => {
        view = now;
      },
    });
    await until(() => view?.underWay === 5, 20_000);
    await until(async () => (await site.producer.counts()).waiting === 5, 10_000);
    again.abort();
    expect(await resumed).toMatchObject({ status: 'interrupted', underWay: 5 });

    const cancelled = await here.tell('old', 'cancel', quiet);
    expect(cancelled).toMatchObject({ status: 'cancelled', failedBy: { CANCELLED: 5 }, completed: 0 });
    expect(await site.producer.counts()).toMatchObject({ waiting: 0, active: 0 });
    const { place, page } = await here.report('old');
    expect(page).toContain('| failed | 5 |');
    const report = JSON.parse(readFileSync(join(place, 'report.json'), 'utf8'));
    expect(report).toMatchObject({ status: 'cancelled', listed: 5, failed: 5 });
    expect(await here.list()).toEqual([expect.objectContaining({ name: 'old', status: 'cancelled' })]);
  });

  test('has one driver at a time, and one that was away for too long writes nothing', async () => {
    await using site = town.site();
    const source = await tapes(3);
    const frozen = start(['backfill', source, '--name', 'two', '--waiting', '1'], site.env);
    await using here = await open(site);
    await until(async () => (await site.producer.counts()).waiting === 1, 20_000);
    frozen.child.kill('SIGSTOP');
    const stop = new AbortController();
    let now: RunView | null = null;
    const taken = here.resume('two', {
      signal: stop.signal,
      onView: (view) => {
        now = view;
      },
    });
    await until(() => now?.status === 'running' && now.underWay === 1, 30_000);
    frozen.child.kill('SIGCONT');
    const { exitCode, stderr } = await frozen.ended;
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('[RUN_BUSY]')]);
    stop.abort();
    expect(await taken).toMatchObject({ listed: 1, underWay: 1 });
  }, 60_000);

  test('pauses when every video fails the same way; once that is mended, the failures are a list to go on with', async () => {
    await using site = town.site({ FRAMESCRIBE_FETCH_FOLDERS: join(town.folder, 'another') });
    const source = await tapes(4);
    mkdirSync(join(town.folder, 'another'), { recursive: true });
    const stuck = await (async () => {
      await using _worker = await work(site.env);
      return await framescribe(
        ['backfill', source, '--name', 'stuck', '--pause-after', '3', '--waiting', '1'],
        site.env,
      );
    })();
    expect(stuck.exitCode, stuck.stderr).toBe(3);
    expect(stuck.stdout).toMatch(/paused[\s\S]+3 videos in a row failed with SOURCE_REFUSED_ADDRESS/);
    const { stdout } = await framescribe(['backfill', 'show', 'stuck', '--failures'], site.env);
    expect(stdout.split('\n')).toHaveLength(4);
    const list = join(town.folder, 'again.jsonl');
    writeFileSync(list, `${stdout}{"source":"ftp://nowhere"}\n`);

    const env = { ...site.env, FRAMESCRIBE_FETCH_FOLDERS: town.folder };
    await using _worker = await work(env);
    const mended = await framescribe(['backfill', list, '--name', 'again', '--json', '--label', 'try=2'], env);
    expect(JSON.parse(mended.stdout)).toMatchObject({ status: 'ended', completed: 3, failedBy: { USAGE: 1 } });
    const rest = await framescribe(['backfill', 'resume', 'stuck', '--json'], env);
    expect(JSON.parse(rest.stdout)).toMatchObject({ status: 'ended', completed: 1, failed: 3 });
    const once = await framescribe(['backfill', source, '--name', 'once-more', '--json'], env);
    expect(JSON.parse(once.stdout)).toMatchObject({ completed: 0, leftOut: { present: 4, name: 1 } });
    expect(once.exitCode).toBe(0);
    expect(readdirSync(site.out).filter((name) => !name.startsWith('.'))).toHaveLength(4);
    const stale = await framescribe(['backfill', source, '--name', 'stale', '--stale', '--json'], env);
    expect(JSON.parse(stale.stdout)).toMatchObject({ completed: 0, leftOut: { present: 4 } });
    const other = await framescribe(
      ['backfill', source, '--name', 'other', '--scan', 'preview', '--include', '0.*', '--json'],
      env,
    );
    expect(JSON.parse(other.stdout)).toMatchObject({ completed: 1 });
  }, 120_000);
});
