import fc from 'fast-check';
import { expect, test } from 'vitest';
import { facetsOf, labelFacet, timeFacets } from '../../src/search/facets.ts';

const now = Date.parse('2031-01-01');
const at = (text: string) => Date.parse(text);

test('a time is covered by few words: whole years and months, and days at its ends', () => {
  expect(timeFacets(at('2026-01-31'), at('2026-02-02'), now)).toEqual(['d20260131', 'd20260201']);
  expect(timeFacets(at('2025-12-31'), at('2027-02-01'), now)).toEqual(['d20251231', 'y2026', 'm202701']);
  expect(timeFacets(at('2026-05-01T10:00Z'), at('2026-05-01T11:00Z'), now)).toEqual(['d20260501']);
  expect(timeFacets(at('2026-05-02'), at('2026-05-01'), now)).toEqual([]);
  expect(timeFacets(undefined, at('2021-01-01'), now)).toEqual(['y2020']);
  expect(timeFacets(at('2030-12-01'), undefined, now)).toEqual(['m203012', 'd20310101', 'd20310102']);
});

test('a video of a time has exactly one of its words, one of whole days before or after it none', () => {
  const day = fc.integer({ min: at('2020-01-01') / 864e5, max: at('2030-01-01') / 864e5 });
  fc.assert(
    fc.property(day, day, day, (one, other, when) => {
      const [since, until] = [Math.min(one, other) * 864e5, Math.max(one, other) * 864e5];
      const words = new Set(timeFacets(since, until, now));
      const own = facetsOf({}, when * 864e5 + 1).filter((word) => words.has(word));
      expect(own).toHaveLength(when * 864e5 >= since && when * 864e5 < until ? 1 : 0);
    }),
  );
});

test('labels are told apart, wherever key and value meet', () => {
  expect(labelFacet('a', 'b')).toMatch(/^l\d+$/);
  expect(labelFacet('a', 'bc')).not.toBe(labelFacet('ab', 'c'));
  expect(facetsOf({ a: 'b' }, null)).toEqual([labelFacet('a', 'b')]);
});
