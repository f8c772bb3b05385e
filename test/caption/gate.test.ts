import { expect, test } from 'vitest';
import { createGate, guardOf, shutGate, waitUntilOut } from '../../src/caption/gate.ts';

test('a gate lets calls through, with what they give or throw, until it is shut', async () => {
  const gate = createGate();
  const guard = guardOf(gate);
  expect(await guard(async () => 5)).toBe(5);
  await expect(guard(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  shutGate(gate);
  let isCalled = false;
  const late = guard(async () => {
    isCalled = true;
  });
  await expect(late).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(isCalled).toBe(false);
});

test('nobody waits at a gate with nobody inside, and not for ever with somebody', async () => {
  const gate = createGate();
  waitUntilOut(gate, 60_000);
  let leave = () => {};
  const inside = guardOf(gate)(
    () =>
      new Promise<void>((resolve) => {
        leave = resolve;
      }),
  );
  const start = performance.now();
  waitUntilOut(gate, 50);
  expect(performance.now() - start).toBeGreaterThanOrEqual(45);
  leave();
  await inside;
  waitUntilOut(gate, 60_000);
});
