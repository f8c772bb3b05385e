import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Piece, partition } from '../../src/summary/partition.ts';

const pieces = (values: readonly number[]): Piece[] =>
  values.map((value) => ({ point: Float64Array.of(value), weight: 1 / values.length }));

it.each([
  [
    [0, 0, 1, 1],
    [0, 2],
  ],
  [[0, 0, 0, 0], [0]],
  [
    [0, 1, 2],
    [0, 1, 2],
  ],
  [[], []],
])('cuts %j before %j', (values, starts) => {
  expect(partition(pieces(values), { most: 5, fewest: 1, lightest: 0, price: 0.01 })).toEqual(starts);
});

it('makes as many runs as are asked for at least, and at most, and none too light', () => {
  const flat = pieces([0, 0, 0, 0, 0, 0]);
  expect(partition(flat, { most: 5, fewest: 3, lightest: 0, price: 1 })).toHaveLength(3);
  const steps = pieces([0, 1, 2, 3, 4, 5]);
  expect(partition(steps, { most: 2, fewest: 1, lightest: 0, price: 0 })).toEqual([0, 3]);
  expect(partition(steps, { most: 6, fewest: 1, lightest: 0.3, price: 0 })).toEqual([0, 2, 4]);
});

it('finds the cheapest of all divisions', () => {
  const price = 0.02;
  const cost = (values: readonly number[], starts: readonly number[]) =>
    starts.reduce((sum, start, index) => {
      const run = values.slice(start, starts[index + 1] ?? values.length);
      const mean = run.reduce((total, value) => total + value, 0) / run.length;
      return (
        sum + run.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length + (index > 0 ? price : 0)
      );
    }, 0);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 7 }), (raw) => {
      const values = raw.map((value) => value / 8);
      const found = partition(pieces(values), { most: 7, fewest: 1, lightest: 0, price });
      const all = Array.from({ length: 2 ** (values.length - 1) }, (_, mask) => [
        0,
        ...values.flatMap((_, index) => (index > 0 && (mask >> (index - 1)) & 1 ? [index] : [])),
      ]);
      const least = Math.min(...all.map((starts) => cost(values, starts)));
      expect(cost(values, found)).toBeCloseTo(least, 9);
    }),
  );
});
