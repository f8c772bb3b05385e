import { describe, expect, test } from 'vitest';
import { FramescribeError } from '../../src/domain/errors.ts';
import { outlast } from '../../src/storage/patience.ts';

const { signal } = new AbortController();

/** Work that fails so often with a code, and then is done. */
function failing(times: number, code: 'STORE_UNREACHABLE' | 'STORE_ACCESS_DENIED') {
  const work = async () => {
    if (work.tries++ < times) throw new FramescribeError(code, 'Expected a store');
    return 'done';
  };
  work.tries = 0;
  return work;
}

describe('patience with a store', () => {
  test('lasts until it is there again, and says once that it is away', async () => {
    const away: string[] = [];
    const work = failing(2, 'STORE_UNREACHABLE');
    const patience = { patienceMs: 60_000, signal, onAway: (reason: string) => away.push(reason) };
    expect(await outlast(work, patience)).toBe('done');
    expect(work.tries).toBe(3);
    expect(away).toEqual(['Expected a store']);
  });

  test('ends when it is used up', async () => {
    const work = failing(1_000, 'STORE_UNREACHABLE');
    const lasting = outlast(work, { patienceMs: 100, signal, onAway: () => {} });
    await expect(lasting).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(work.tries).toBe(2);
  });

  test('is not for what waiting does not mend', async () => {
    const work = failing(1, 'STORE_ACCESS_DENIED');
    const lasting = outlast(work, { patienceMs: 60_000, signal, onAway: () => {} });
    await expect(lasting).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
    expect(work.tries).toBe(1);
  });

  test('ends at once on request', async () => {
    const stop = new AbortController();
    const onAway = () => stop.abort(new FramescribeError('CANCELLED', 'Stopped on request.'));
    const started = performance.now();
    const lasting = outlast(failing(1_000, 'STORE_UNREACHABLE'), { patienceMs: 60_000, signal: stop.signal, onAway });
    await expect(lasting.catch((error) => FramescribeError.from(error).code)).resolves.toBe('CANCELLED');
    expect(performance.now() - started).toBeLessThan(400);
  });
});
