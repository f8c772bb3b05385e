import { expect, test } from 'vitest';
import { scoreCaptions } from '../../src/text/caption-scores.ts';
import { calibrationError, reliability } from '../../src/text/reliability.ts';
import { parseThings } from '../../src/text/things.ts';
import { wordsOf } from '../../src/text/words.ts';

const things = parseThings('dog: dog\nman: man\nbike: bike\n');
const judged = [
  ['a dog runs', 'a dog runs', 'the dog is running fast'],
  ['a man on a bike', 'a man stands on the street in front of a very large and old red brick house today'],
  ['a dog and a dog', 'a dog sits', 'a dog'],
].map(([candidate = '', ...references]) => ({ candidate: wordsOf(candidate), references: references.map(wordsOf) }));

test('captions are scored for what they invent, repeat and make new', () => {
  const { scores } = scoreCaptions(judged, things, new Set(['a dog runs']));
  expect(scores.pictures).toBe(3);
  expect(scores.invented).toBeCloseTo(1 / 3, 12);
  expect(scores.repeated).toBeCloseTo(1 / 3, 12);
  expect(scores.novel).toBeCloseTo(2 / 3, 12);
  expect(scores.vocabulary).toBe(7);
  expect(scores.length).toBeCloseTo(13 / 3, 12);
  expect(scoreCaptions(judged, things, null).scores.novel).toBeNull();
});

test('captions are parted by the length of their references, with the document frequencies of all', () => {
  const { scores, byLength } = scoreCaptions(judged, things, null);
  expect(byLength.map(({ from, pictures }) => [from, pictures])).toEqual([
    [0, 2],
    [14, 1],
  ]);
  const mean = byLength.reduce((sum, { pictures, ciderD }) => sum + (pictures * ciderD) / 3, 0);
  expect(mean).toBeCloseTo(scores.ciderD, 12);
});

test('a reliability table holds what was stated beside what was right', () => {
  const rows = reliability([
    { confidence: 0.81, isRight: true },
    { confidence: 0.85, isRight: false },
    { confidence: 1, isRight: true },
    { confidence: 0, isRight: false },
  ]);
  expect(rows).toEqual([
    { stated: 0, right: 0, count: 1 },
    { stated: expect.closeTo(0.83, 12), right: 0.5, count: 2 },
    { stated: 1, right: 1, count: 1 },
  ]);
  expect(calibrationError(rows)).toBeCloseTo((2 * 0.33) / 4, 12);
});
