import { expect, test } from 'vitest';
import type { Result } from '../../src/domain/result.ts';
import { checkSeenWords, checkTags } from '../../src/pipeline/verify-names.ts';
import { summarise } from '../../src/summary/summarise.ts';
import { exampleResult } from '../render/example-result.ts';
import { timelineOf } from '../summary/timeline.ts';

function resultOf(): Result {
  const words = [
    { word: 'bus', confidence: 0.95 },
    { word: 'animal', confidence: 0.8 },
  ];
  const timeline = timelineOf([
    { seconds: 4, frames: [[['two dogs are running', 0.9]]], words },
    { seconds: 4, frames: [[['a man on a bike', 0.9]]] },
  ]);
  const { shots, keyframes } = timeline;
  return exampleResult({ shots: [...shots], keyframes: [...keyframes], ...summarise(timeline) });
}

test('tags that captions name or that were seen are in order', () => {
  const result = resultOf();
  expect(result.tags.map(({ name }) => name)).toContain('bus');
  expect(checkTags(result)).toMatchObject({ checked: result.tags.length, faults: [] });
  expect(checkSeenWords(result)).toMatchObject({ checked: 2, faults: [] });
  expect(checkTags(exampleResult()).faults).toEqual([]);
});

test('a tag that nothing names at its time is a fault', () => {
  const result = resultOf();
  const late = { name: 'bus', confidence: 0.9, instances: [{ startMs: 4000, endMs: 8000 }] };
  const strange = { name: 'cat', confidence: 0.9, instances: [{ startMs: 0, endMs: 8000 }] };
  expect(checkTags({ ...result, tags: [late, strange] }).faults).toEqual([
    'tag bus: nothing from 4000 to 8000 ms names it',
    'tag cat: nothing from 0 to 8000 ms names it',
  ]);
});

test('a tag by the word that its caption has is none', () => {
  const bike = { name: 'bike', confidence: 0.9, instances: [{ startMs: 4000, endMs: 8000 }] };
  expect(checkTags({ ...resultOf(), tags: [bike] }).faults).toEqual([]);
});

test('words out of order, twice, or where they weren’t seen are faults', () => {
  const result = resultOf();
  const [first, second] = result.keyframes;
  if (first === undefined || second === undefined) throw new Error('Expected two keyframes');
  const words = [
    { word: 'bus', confidence: 0.5 },
    { word: 'bus', confidence: 0.9 },
  ];
  expect(checkSeenWords({ ...result, keyframes: [{ ...first, words }] }).faults).toEqual([
    'k0001: a word is there twice',
    "k0001: its words aren't in order",
  ]);
  const same = { ...second, sameAs: first.id, words: words.slice(0, 1) };
  expect(checkSeenWords({ ...result, keyframes: [first, same] }).faults).toEqual([
    'k0002: its words should be with k0001',
  ]);
});
