import { describe, expect, test } from 'vitest';
import { ThreadPool } from '../../src/caption/pool.ts';

const script = new URL('./thread-that-dies.mjs', import.meta.url);
type Item = number | string;

function open(changes: { threads?: number; batch?: number; data?: unknown } = {}) {
  return ThreadPool.open<Item, readonly [doubled: number, together: number]>({
    ...{ script, data: null, threads: 1, batch: 8 },
    ...changes,
  });
}

const doubled = (answers: readonly (readonly [number, number])[]) => answers.map(([number]) => number);

describe('a pool of threads', () => {
  test('answers in order, more items than a batch and than threads', async () => {
    await using pool = await open({ threads: 2, batch: 4 });
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const answers = await pool.run(numbers);
    expect(doubled(answers)).toEqual(numbers.map((number) => number * 2));
    expect(Math.max(...answers.map(([, together]) => together))).toBeLessThanOrEqual(4);
  });

  test('puts calls that come together into one batch', async () => {
    await using pool = await open();
    const answers = await Promise.all([1, 2, 3, 4].map((number) => pool.run([number])));
    expect(answers).toEqual([[[2, 4]], [[4, 4]], [[6, 4]], [[8, 4]]]);
  });

  test('shares what there is among the threads that are idle', async () => {
    await using pool = await open({ threads: 2 });
    expect((await pool.run([1, 2, 3, 4, 5, 6])).map(([, together]) => together)).toEqual(new Array(6).fill(3));
  });

  test('answers nothing to nothing', async () => {
    await using pool = await open();
    expect(await pool.run([])).toEqual([]);
  });

  test('fails only the call whose item has no answer', async () => {
    await using pool = await open();
    const [refused, fine] = await Promise.allSettled([pool.run([1, 'refuse', 3]), pool.run([4])]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'PICTURE_UNREADABLE' } });
    expect(fine).toMatchObject({ status: 'fulfilled', value: [[8, 4]] });
    expect(doubled(await pool.run([5]))).toEqual([10]);
  });

  test.each([
    ['exit', /exit code 7/],
    ['throw', /out of luck/],
  ])('fails a call whose thread dies (%s), and goes on with another thread', async (word, message) => {
    await using pool = await open({ batch: 2 });
    const [dead, waiting] = await Promise.allSettled([pool.run([word, word]), pool.run([1, 2, 3])]);
    expect(dead).toMatchObject({
      reason: { code: 'INFERENCE_FAILED', message: expect.stringMatching(message) },
    });
    expect(waiting.status === 'fulfilled' && doubled(waiting.value)).toEqual([2, 4, 6]);
  });

  test('says why a thread could not start, and leaves none behind', async () => {
    await expect(open({ threads: 3, data: 'refuse' })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    await expect(open({ data: 'never' })).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining('no sessions today'),
    });
  });

  test('lets a call go at once when its signal aborts, and the others finish', async () => {
    await using pool = await open({ threads: 1, batch: 2 });
    const stop = new AbortController();
    const stopped = pool.run([1, 2, 3, 4, 5, 6], stop.signal);
    const other = pool.run([7]);
    setImmediate(() => stop.abort());
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(doubled(await other)).toEqual([14]);
    await expect(pool.run([1], stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('ends a thread that is busy for ever when it closes; calls end with CANCELLED', async () => {
    const pool = await open({ batch: 1 });
    const calls = [pool.run(['spin']), pool.run([1])].map((call) => call.catch((error) => error.code));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    await pool.close();
    expect(performance.now() - start).toBeLessThan(4000);
    expect(await Promise.all(calls)).toEqual(['CANCELLED', 'CANCELLED']);
    await expect(pool.run([1])).rejects.toMatchObject({ code: 'CANCELLED' });
    await pool.close();
  });
});
