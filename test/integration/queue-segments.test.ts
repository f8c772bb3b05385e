import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Producer } from '../../src/queue/index.ts';
import { makeClip, source, X264 } from '../media/clips.ts';
import { untilGone } from '../media/processes.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { framescribe } from './framescribe.ts';
import { collect, openTown, type Site, type Town, until, work } from './queue-site.ts';

/** Two minutes of many shots: six segments of 20 s, of which each takes a second or two. */
const FILM = [
  ...source('mandelbrot=size=320x180:rate=25:end_scale=0.1:end_pts=3000:maxiter=100'),
  ...source('testsrc2=size=320x180:rate=25'),
  ...['-filter_complex', "[0][1]overlay=enable='lt(mod(t,9),4)',trim=duration=120,format=yuv420p"],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '100'],
];

describe.skipIf(!canStartRedis())('a long video', () => {
  let town: Town;
  let film: string;
  let expected: string;
  beforeAll(async () => {
    town = await openTown();
    film = makeClip(join(town.folder, 'film.mp4'), ...FILM);
    const own = join(town.folder, 'own');
    await framescribe(['caption', film, '--out', own]);
    expected = await readFile(join(own, 'film', 'result.json'), 'utf8');
  }, 120_000);
  afterAll(() => town[Symbol.asyncDispose]());

  const site = (more: NodeJS.ProcessEnv = {}) => town.site({ FRAMESCRIBE_QUEUE_SEGMENT_MS: '20000', ...more });

  /** The job's result is the one that `caption` makes, and nothing but results is left in the store. */
  async function isExpected(producer: Producer, id: string, { out }: Site): Promise<void> {
    const result = await producer.result(id);
    expect(await readFile(join(result?.place ?? '', 'result.json'), 'utf8')).toBe(expected);
    expect((await framescribe(['verify', result?.place ?? ''])).exitCode).toBe(0);
    expect(await readdir(out)).toEqual([result?.name]);
  }

  test('is described in segments by three workers, with the bytes of one that describes it whole', async () => {
    await using place = site();
    const { env, producer } = place;
    await using one = await work(env);
    await using two = await work(env);
    await using three = await work(env);
    const { id } = await producer.describe({ source: film });
    const events = await collect(producer.events(id));
    expect(events.at(-1)?.kind, JSON.stringify(events.at(-1))).toBe('completed');
    const done = events.flatMap((event) => (event.kind === 'progress' ? [event.progress] : []));
    const order = ['fetch', 'probe', 'scan', 'caption', 'summarise', 'publish'];
    expect(done.map(({ stage }) => order.indexOf(stage))).toEqual(
      done.map(({ stage }) => order.indexOf(stage)).sort((a, b) => a - b),
    );
    const scanned = done.filter(({ stage }) => stage === 'scan').map(({ doneMs }) => doneMs);
    expect(scanned).toEqual([...scanned].sort((a, b) => a - b));
    expect(scanned.at(-1)).toBeGreaterThan(100_000);
    await isExpected(producer, id, place);
    const made = [one, two, three].map(({ stderr }) => segmentsIn(stderr(), 'completed').length);
    expect(made.reduce((sum, count) => sum + count)).toBe(6);
    expect(await producer.counts()).toMatchObject({ waiting: 0, active: 0, completed: 1, failed: 0 });
  }, 120_000);

  test('gives the same bytes in segments of the usual length too', async () => {
    const args = ['-t', '660', ...X264, '-g', '100'];
    const tape = makeClip(join(town.folder, 'tape.mp4'), ...source('testsrc2=size=96x64:rate=10'), ...args);
    const own = join(town.folder, 'own-tape');
    await using place = town.site();
    await using worker = await work(place.env);
    const { id } = await place.producer.describe({ source: tape });
    await framescribe(['caption', tape, '--out', own]);
    expect((await collect(place.producer.events(id))).at(-1)).toMatchObject({ kind: 'completed' });
    expect(segmentsIn(worker.stderr(), 'completed')).toHaveLength(2);
    const result = await place.producer.result(id);
    const direct = await readFile(join(own, 'tape', 'result.json'), 'utf8');
    expect(await readFile(join(result?.place ?? '', 'result.json'), 'utf8')).toBe(direct);
  }, 120_000);

  test('costs at most the segment at hand when its worker is killed', async () => {
    await using place = site();
    const { env, producer } = place;
    const first = await work(env);
    const { id } = await producer.describe({ source: film });
    await until(() => segmentsIn(first.stderr(), 'completed').length >= 2, 60_000);
    first.child.kill('SIGKILL');
    const done = segmentsIn(first.stderr(), 'completed');
    await using second = await work(env);
    expect((await collect(producer.events(id))).at(-1)?.kind).toBe('completed');
    await isExpected(producer, id, place);
    const again = segmentsIn(second.stderr(), 'completed');
    expect(done.length + again.length).toBeLessThanOrEqual(7);
    expect(again.filter((segment) => done.slice(0, -1).includes(segment))).toEqual([]);
  }, 120_000);

  test('ends when it is cancelled, at every worker, and goes on with what is there when tried again', async () => {
    await using place = site();
    const { env, producer, temp } = place;
    await using one = await work(env);
    await using two = await work(env);
    const { id } = await producer.describe({ source: film });
    await until(() => [one, two].every(({ stderr }) => segmentsIn(stderr(), 'taken').length > 0), 60_000);
    await until(() => segmentsIn(one.stderr() + two.stderr(), 'completed').length > 0, 60_000);
    expect(await producer.cancel(id)).toBe(true);
    await untilGone(`${temp}/`, 1_500);
    await until(async () => (await producer.status(id)).state === 'cancelled', 10_000);
    const before = segmentsIn(one.stderr() + two.stderr(), 'completed').length;
    expect(before).toBeLessThan(6);
    await producer.retry(id);
    expect((await collect(producer.events(id))).at(-1)).toMatchObject({ kind: 'completed' });
    await isExpected(producer, id, place);
    expect(segmentsIn(one.stderr() + two.stderr(), 'completed').length).toBeLessThanOrEqual(7);
  }, 120_000);

  test('is described whole where a segment meets damage, as `caption` does it', async () => {
    await using place = site();
    const { env, producer, out } = place;
    const bytes = await readFile(film);
    bytes.fill(0, Math.floor(bytes.length * 0.7), Math.floor(bytes.length * 0.7) + 30_000);
    const damaged = join(town.folder, 'damaged.mp4');
    await writeFile(damaged, bytes);
    const own = join(town.folder, 'own-damaged');
    await framescribe(['caption', damaged, '--out', own]);
    await using worker = await work(env);
    const { id } = await producer.describe({ source: damaged });
    expect((await collect(producer.events(id))).at(-1)).toMatchObject({ kind: 'completed' });
    expect(worker.stderr()).toContain('SEGMENT_UNFIT');
    const result = await producer.result(id);
    const direct = await readFile(join(own, 'damaged', 'result.json'), 'utf8');
    expect(await readFile(join(result?.place ?? '', 'result.json'), 'utf8')).toBe(direct);
    expect(direct).toContain('DECODE_ERRORS');
    expect(await readdir(out)).toEqual([result?.name]);
  }, 120_000);
});

/** Ids of segments in the log of a worker. */
function segmentsIn(log: string, kind: 'taken' | 'completed'): readonly string[] {
  return [...log.matchAll(new RegExp(`${kind}: segment (\\S+)`, 'g'))].map(([, id = '']) => id);
}
