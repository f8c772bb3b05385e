import type { AttentionGrid } from '../domain/captioning.ts';
import type { Caption } from '../domain/result.ts';
import type { Hypothesis } from './beam.ts';
import type { Bundle } from './bundle.ts';
import type { Manifest } from './manifest.ts';

/** A hypothesis as a caption: words for ids, rounded numbers, and how sure the model may be of it. */
export function toCaption({ manifest, words }: Bundle, hypothesis: Hypothesis): Caption {
  const tokens = hypothesis.ids.map((id, index) => ({
    word: words[id] ?? '',
    logProbability: roundLogProbability(hypothesis.logProbabilities[index] ?? 0),
  }));
  const mean = hypothesis.logProbability / hypothesis.logProbabilities.length;
  const confidence = round(interpolate(manifest.confidence.points, mean), 3);
  return {
    text: tokens.map(({ word }) => word).join(' '),
    confidence,
    uncertain: confidence < manifest.confidence.uncertainBelow,
    logProbability: roundLogProbability(hypothesis.logProbability),
    tokens,
  };
}

/** Where each word of a hypothesis looked; `attention` has `[rows, regions]` of each step. */
export function toAttentionGrids(
  { manifest, words }: Bundle,
  hypothesis: Hypothesis,
  attention: readonly Float32Array[],
): readonly AttentionGrid[] {
  const { regions, grid } = manifest.encoder;
  return hypothesis.ids.map((id, index) => {
    const offset = (hypothesis.rows[index] ?? 0) * regions;
    const weights = attention[index]?.subarray(offset, offset + regions) ?? [];
    return {
      word: words[id] ?? '',
      rows: grid[0],
      columns: grid[1],
      weights: Array.from(weights, (weight) => round(weight, 4)),
    };
  });
}

/** A piecewise-linear function through points from left to right, held at both ends. */
export function interpolate(points: Manifest['confidence']['points'], x: number): number {
  const after = points.findIndex((point) => point[0] >= x);
  const right = points[after] ?? points.at(-1);
  const left = points[after - 1];
  if (right === undefined) return 0;
  if (left === undefined || after < 0) return right[1];
  return left[1] + ((right[1] - left[1]) * (x - left[0])) / (right[0] - left[0]);
}

/** A logarithm of a softmax may end a hair above 0. */
function roundLogProbability(value: number): number {
  return Math.min(round(value, 4), 0);
}

function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  // Adding 0 turns -0, which JSON writes as 0, into 0.
  return Math.round(value * factor) / factor + 0;
}
