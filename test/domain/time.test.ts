import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRational, formatTicks, msToTicks, parseRational, ticksToMs } from '../../src/domain/time.ts';

describe('time', () => {
  test.each([
    ['30000/1001', { num: 30000, den: 1001 }],
    ['16:15', { num: 16, den: 15 }],
    ['-1/25', { num: -1, den: 25 }],
    ['0/0', null],
    ['25', null],
    ['1e9/1', null],
    [undefined, null],
  ])('reads the fraction %s', (text, expected) => {
    expect(parseRational(text)).toEqual(expected);
  });

  test.each([
    [60060, { num: 1, den: 30000 }, 2002],
    [1, { num: 1, den: 2000 }, 1],
    [-1, { num: 1, den: 2000 }, -1],
    [1, { num: 1, den: 2001 }, 0],
    [2 ** 52, { num: 1, den: 90000 }, 50039995859672],
  ])('rounds %i ticks once', (ticks, timeBase, ms) => {
    expect(ticksToMs(ticks, timeBase)).toBe(ms);
  });

  test('writes ticks as an exact fraction of seconds', () => {
    expect(formatTicks(60060, { num: 1, den: 30000 })).toBe('60060/30000');
    expect(formatTicks(3, { num: 1001, den: 30000 })).toBe('3003/30000');
    expect(formatRational({ num: 16, den: 9 })).toBe('16/9');
  });

  test('finds the first tick at or after any millisecond', () => {
    const timeBase = fc.record({ num: fc.integer({ min: 1, max: 1001 }), den: fc.integer({ min: 1, max: 1_000_000 }) });
    fc.assert(
      fc.property(timeBase, fc.integer({ min: 0, max: 1e9 }), (base, ms) => {
        const ticks = msToTicks(ms, base);
        const exactMs = (tick: number) => (tick * base.num * 1000) / base.den;
        expect(exactMs(ticks)).toBeGreaterThanOrEqual(ms - 1e-6);
        expect(exactMs(ticks - 1)).toBeLessThan(ms + 1e-6);
      }),
    );
  });
});
