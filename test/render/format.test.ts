import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evenly } from '../../src/render/evenly.ts';
import { clock, duration, fileSize, framesPerSecond, timestamp } from '../../src/render/format.ts';

it.each([
  [0, '0:00', '00:00:00.000', '0.0 s'],
  [7_499, '0:07', '00:00:07.499', '7.4 s'],
  [96_000, '1:36', '00:01:36.000', '1 min 36 s'],
  [3_723_004, '1:02:03', '01:02:03.004', '1 h 2 min'],
  [36_000_000, '10:00:00', '10:00:00.000', '10 h 0 min'],
])('writes %i ms as %s, %s and %s', (ms, short, exact, long) => {
  expect([clock(ms), timestamp(ms), duration(ms)]).toEqual([short, exact, long]);
});

it.each([
  [1, '1 byte'],
  [712, '712 bytes'],
  [18_734_112, '18.7 MB'],
  [999_960, '1.0 MB'],
  [2_500_000_000_000, '2.5 TB'],
])('writes %i bytes as %s', (bytes, text) => expect(fileSize(bytes)).toBe(text));

it.each([
  ['30000/1001', '29.97'],
  ['25/1', '25'],
  ['0/0', null],
  ['', null],
])('reads the frame rate %s as %s', (rate, text) => expect(framesPerSecond(rate)).toBe(text));

it('chooses evenly: in order, without repeats, the first always, gaps that differ by one at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 60 }), (count, most) => {
      const chosen = evenly(
        Array.from({ length: count }, (_, index) => index),
        most,
      );
      expect(chosen).toHaveLength(Math.min(count, most));
      expect(chosen[0]).toBe(0);
      const gaps = chosen.slice(1).map((one, index) => one - (chosen[index] ?? 0));
      if (gaps.length > 0) expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      expect(Math.min(1, ...gaps)).toBe(1);
    }),
  );
});
