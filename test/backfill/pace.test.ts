import { describe, expect, test } from 'vitest';
import { capAt, parseHours } from '../../src/backfill/hours.ts';
import { afterVideo, mayGo } from '../../src/backfill/pace.ts';
import { addEnds, type Pulse, perHour } from '../../src/backfill/pulse.ts';
import { viewOf } from '../../src/backfill/view.ts';
import { BEGUN } from './a-run.ts';

describe('the pace of a run', () => {
  /** Videos that go within a time, with a look every half second. */
  function gone(
    limits: { jobsPerMinute: number | null; bytesPerSecond: number | null },
    bytes: number,
    forMs: number,
  ): number {
    let [pace, videos] = [0, 0];
    for (let nowMs = 1_000_000; nowMs < 1_000_000 + forMs; nowMs += 500) {
      for (; mayGo(pace, nowMs); videos++) pace = afterVideo(pace, bytes, limits, nowMs);
    }
    return videos;
  }

  test.each([
    [{ jobsPerMinute: 600, bytesPerSecond: null }, 1, 600],
    [{ jobsPerMinute: 6, bytesPerSecond: null }, 1, 6],
    [{ jobsPerMinute: null, bytesPerSecond: 1_000_000 }, 500_000, 120],
    [{ jobsPerMinute: 60, bytesPerSecond: 1_000_000 }, 3_000_000, 20],
  ])('with %j and videos of %d bytes is %d in a minute', (limits, bytes, expected) => {
    expect(Math.abs(gone(limits, bytes, 60_000) - expected)).toBeLessThanOrEqual(0.03 * expected + 1);
  });

  test('brings no burst after a pause', () => {
    const limits = { jobsPerMinute: 60, bytesPerSecond: null };
    let [pace, burst] = [afterVideo(0, 1, limits, 1_000_000), 0];
    for (; mayGo(pace, 5_000_000); burst++) pace = afterVideo(pace, 1, limits, 5_000_000);
    expect(burst).toBeLessThanOrEqual(2);
  });
});

describe('videos at a time by hour of day', () => {
  test('are read as a number or as hours, over midnight too', () => {
    const caps = parseHours('8-18=2, 18-8=20');
    expect([7, 8, 17, 18, 23, 0].map((hour) => capAt(hour, caps))).toEqual([20, 2, 2, 20, 20, 20]);
    expect(capAt(3, parseHours('5'))).toBe(5);
    expect(capAt(12, parseHours('0-6=9'))).toBe(Number.POSITIVE_INFINITY);
  });

  test.each(['', 'x', '8-25=1', '8=1', '8-18=', '-1', '8-18=2;18-8=1'])('are not %j', (text) => {
    expect(() => parseHours(text)).toThrowError(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('how far a run is', () => {
  test('tells the rate of the last minutes and the time left', () => {
    const nowMs = 3_600_000;
    let pulse: Pulse = [];
    for (let second = 0; second < 3600; second++) pulse = addEnds(pulse, second * 1000);
    expect(pulse.length).toBeLessThanOrEqual(61);
    expect(perHour(pulse, 0, nowMs)).toBeCloseTo(3600, -2);
    const state = {
      ...BEGUN,
      pulse,
      listed: 1000,
      leftOut: { ...BEGUN.leftOut, name: 100, present: 450 },
      total: 1800,
    };
    // Of 900 seen half were there, so half of the 900 to come will be.
    expect(viewOf(state, 'host:1', 0.5, nowMs).leftMs).toBeCloseTo((450 / 3600) * 3_600_000, -4);
  });

  test('is interrupted where nobody drives it', () => {
    expect(viewOf(BEGUN, null, 0, 1).status).toBe('interrupted');
    expect(viewOf(BEGUN, 'host:1', 0, 1)).toMatchObject({ status: 'running', perHour: null, leftMs: null, cost: null });
  });
});
