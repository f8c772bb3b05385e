import { describe, expect, test } from 'vitest';
import type { Hypothesis } from '../../src/caption/beam.ts';
import type { Bundle } from '../../src/caption/bundle.ts';
import { interpolate } from '../../src/caption/confidence.ts';
import { toAttentionGrids, toCaption } from '../../src/caption/wording.ts';
import { tinyFiles, tinyManifest, WORDS } from './tiny-bundle.ts';

const bundle: Bundle = {
  ...{ folder: '/', digest: 'sha256:', words: WORDS, classWords: null, usual: new Map() },
  ...{ things: new Map(), support: new Map() },
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
    const caption = toCaption(bundle, hypothesis, null);
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
    expect(toCaption(bundle, unlikely, null)).toMatchObject({ uncertain: true, confidence: 0.171 });
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

describe('confidence by agreement', () => {
  const [red, sea] = ['red', 'sea'].map((word) => WORDS.indexOf(word as 'sea')) as [number, number];
  const agreeing: Bundle = {
    ...bundle,
    classWords: ['water', 'boat', 'dog', 'sky'].map((word, index) => ({
      ...{ word, threshold: null, ifSurer: false, forms: new Map() },
      sayFrom: index < 3 ? 0.5 : null,
    })),
    things: new Map([[sea, [0, 1]]]),
    support: new Map([[sea, [0, 1]]]),
    manifest: {
      ...bundle.manifest,
      confidence: {
        ...{ statistic: 'agreement', uncertainBelow: 0.5 },
        weights: { constant: 0, meanLogProbability: 0, named: 1, unnamed: -0.5, foreign: 0, filler: 0 },
      },
    },
  };
  const confidence = (probabilities: readonly number[], words = ids) =>
    toCaption(agreeing, { ...hypothesis, ids: words }, Float32Array.from(probabilities)).confidence;

  test('rises with what speaks for the thing that is named', () => {
    // 1 - 0.5 × 0.5 = 0.75, odds of 3; nothing else: odds of 1 / 999.
    expect(confidence([0.5, 0.5, 0, 0])).toBeCloseTo((3 * Math.sqrt(999)) / (1 + 3 * Math.sqrt(999)), 3);
    expect(confidence([0.2, 0, 0, 0])).toBeLessThan(confidence([0.3, 0, 0, 0]));
  });

  test('goes by the kind of thing where an encoder judges kinds, which leaves no word out that speaks for it', () => {
    const judging = { ...agreeing, support: new Map([[sea, [3]]]) };
    const sure = (probabilities: readonly number[]) =>
      toCaption(judging, hypothesis, Float32Array.from(probabilities)).confidence;
    expect(sure([0.9, 0.9, 0, 0.5])).toBeCloseTo(Math.sqrt(999) / (1 + Math.sqrt(999)), 3);
    expect(sure([0.1, 0.1, 0, 0.5])).toBe(sure([0.9, 0.9, 0, 0.5]));
    expect(sure([0.9, 0.9, 0, 0.1])).toBeLessThan(0.9);
  });

  test('falls with what is seen and left out, if captions would name it', () => {
    expect(confidence([0.5, 0, 0.9, 0])).toBeCloseTo(0.25, 3);
    expect(confidence([0.5, 0, 0, 0.9])).toBe(confidence([0.5, 0, 0, 0]));
  });

  test('falls on foreign pictures, further where the main thing is one that captions name for want of better', () => {
    const withForeign = (fillers: string[]): Bundle => ({
      ...agreeing,
      manifest: {
        ...agreeing.manifest,
        confidence: {
          ...{ statistic: 'agreement', uncertainBelow: 0.5 },
          weights: { constant: 1, meanLogProbability: 0, named: 0, unnamed: 0, foreign: -1, filler: -2 },
          foreign: { constant: 0, words: { sky: 1 }, fillers },
        },
      },
    });
    const sure = (fillers: string[], sky: number) =>
      toCaption(withForeign(fillers), { ...hypothesis, ids }, Float32Array.from([0.5, 0.5, 0, sky])).confidence;
    // Odds of 3 for the sky: foreign with 0.75.
    expect(sure([], 0.75)).toBeCloseTo(1 / (1 + Math.exp(-1 + 0.75)), 3);
    expect(sure(['boat'], 0.75)).toBeCloseTo(1 / (1 + Math.exp(-1 + 3 * 0.75)), 3);
    expect(sure(['dog'], 0.75)).toBe(sure([], 0.75));
    expect(sure([], 0.1)).toBeGreaterThan(sure([], 0.9));
  });

  test('is low where a caption names no thing', () => {
    expect(confidence([0.9, 0.9, 0, 0], [red])).toBeLessThan(0.01);
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
