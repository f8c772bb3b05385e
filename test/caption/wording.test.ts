import { describe, expect, test } from 'vitest';
import type { Hypothesis } from '../../src/caption/beam.ts';
import type { Bundle } from '../../src/caption/bundle.ts';
import { interpolate, toAttentionGrids, toCaption } from '../../src/caption/wording.ts';
import { tinyFiles, tinyManifest, WORDS } from './tiny-bundle.ts';

const bundle: Bundle = {
  ...{ folder: '/', digest: 'sha256:', words: WORDS, classWords: null },
  manifest: tinyManifest('lstm', tinyFiles('lstm')),
};

const ids = ['a', 'red', 'sea'].map((word) => WORDS.indexOf(word as (typeof WORDS)[number]));
const hypothesis: Hypothesis = {
  ids,
  logProbabilities: [-0.123456, 1e-8, -2, -0.5],
  ...{ logProbability: -2.623455, score: -1, rows: [0, 2, 1] },
};

describe('a caption', () => {
  test('has words, rounded log-probabilities and a confidence from their mean with the end token', () => {
    const caption = toCaption(bundle, hypothesis);
    expect(caption).toEqual({
      text: 'a red sea',
      logProbability: -2.6235,
      tokens: [
        { word: 'a', logProbability: -0.1235 },
        { word: 'red', logProbability: 0 },
        { word: 'sea', logProbability: -2 },
      ],
      // -2.623455 / 4, between (-3, 0.1) and (-0.2, 0.9).
      confidence: 0.77,
      uncertain: false,
    });
    expect(Object.is(caption.tokens[1]?.logProbability, 0)).toBe(true);
  });

  test('is uncertain below the bundle’s threshold', () => {
    const unlikely = { ...hypothesis, logProbability: -11 };
    expect(toCaption(bundle, unlikely)).toMatchObject({ uncertain: true, confidence: 0.171 });
  });

  test('finds the attention of each word in the row that wrote it', () => {
    const step = (base: number) => Float32Array.from({ length: 12 }, (_, index) => base + index / 100);
    const grids = toAttentionGrids(bundle, hypothesis, [step(0), step(1), step(2)]);
    expect(grids).toEqual([
      { word: 'a', rows: 2, columns: 2, weights: [0, 0.01, 0.02, 0.03] },
      { word: 'red', rows: 2, columns: 2, weights: [1.08, 1.09, 1.1, 1.11] },
      { word: 'sea', rows: 2, columns: 2, weights: [2.04, 2.05, 2.06, 2.07] },
    ]);
  });
});

describe('confidence', () => {
  const points: [number, number][] = [
    [-3, 0.1],
    [-1, 0.5],
    [-0.5, 0.9],
  ];

  test.each([
    [-9, 0.1],
    [-3, 0.1],
    [-2, 0.3],
    [-1, 0.5],
    [-0.75, 0.7],
    [-0.5, 0.9],
    [0, 0.9],
  ])('at a mean of %d is %d', (mean, expected) => {
    expect(interpolate(points, mean)).toBeCloseTo(expected, 10);
  });

  test('is the same everywhere with a single point', () => {
    expect([-5, -1, 0].map((mean) => interpolate([[-1, 0.4]], mean))).toEqual([0.4, 0.4, 0.4]);
  });
});
