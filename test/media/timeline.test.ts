import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Timeline } from '../../src/media/timeline.ts';

const TIME_BASE = { num: 1, den: 90_000 };

function timelineOf(pts: readonly (number | null)[], rate = { num: 25, den: 1 }) {
  const timeline = new Timeline(TIME_BASE, rate);
  return { ticks: pts.map((time) => timeline.push(time)), pace: timeline.pace() };
}

describe('ticks', () => {
  test('count from the first frame, whenever that was', () => {
    const start = 95_000 * 90_000;
    expect(timelineOf([start, start + 3600, start + 7200]).ticks).toEqual([0, 3600, 7200]);
    expect(timelineOf([-3600, 0, 3600]).ticks).toEqual([0, 3600, 7200]);
  });

  test('never go back, whatever the timestamps say', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer()), { minLength: 1 }), (pts) => {
        const { ticks, pace } = timelineOf(pts);
        expect(ticks[0]).toBe(0);
        for (const [index, time] of ticks.entries()) expect(time).toBeGreaterThanOrEqual(ticks[index - 1] ?? 0);
        expect(pace.endTicks).toBeGreaterThan(ticks.at(-1) ?? 0);
        expect(Number.isSafeInteger(pace.endTicks)).toBe(true);
      }),
    );
  });

  test('go on after the frame before where a glued stream starts again', () => {
    expect(timelineOf([0, 3600, 7200, 500, 4100]).ticks).toEqual([0, 3600, 7200, 10_800, 14_400]);
  });

  test('take the usual step for a frame without a timestamp', () => {
    expect(timelineOf([0, 3000, null, 9000]).ticks).toEqual([0, 3000, 6000, 9000]);
  });
});

describe('the pace', () => {
  const every = (count: number, step: (index: number) => number) => {
    const pts: number[] = [];
    for (let index = 0, at = 0; index < count; at += step(index++)) pts.push(at);
    return pts;
  };

  test('is the claimed rate where the frames agree with it', () => {
    const { pace } = timelineOf(
      every(100, () => 3003),
      { num: 30_000, den: 1001 },
    );
    expect(pace).toEqual({
      ...{ frames: 100, endTicks: 300_300, frameRate: { num: 30_000, den: 1001 }, variableFrameRate: false },
    });
  });

  test('is counted where the claim is wrong or missing', () => {
    const pts = every(51, () => 3600);
    expect(timelineOf(pts, { num: 1000, den: 1 }).pace.frameRate).toEqual({ num: 25, den: 1 });
    expect(timelineOf(pts, { num: 0, den: 1 }).pace.frameRate).toEqual({ num: 25, den: 1 });
  });

  test('is constant in spite of rounding and a dropped frame, and variable where frames come as they like', () => {
    expect(timelineOf(every(300, (index) => (index % 3 === 0 ? 2970 : 3015))).pace.variableFrameRate).toBe(false);
    expect(timelineOf(every(300, (index) => (index === 7 ? 6000 : 3000))).pace.variableFrameRate).toBe(false);
    expect(timelineOf(every(300, (index) => (index % 5 === 0 ? 9000 : 3000))).pace.variableFrameRate).toBe(true);
  });

  test('of a single frame is the claimed one', () => {
    expect(timelineOf([42]).pace).toMatchObject({ frames: 1, endTicks: 3600, frameRate: { num: 25, den: 1 } });
  });
});
