import type { AttentionGrid } from '../domain/captioning.ts';
import type { Caption } from '../domain/result.ts';
import type { Hypothesis } from './beam.ts';
import type { Bundle } from './bundle.ts';
import { confidenceOf } from './confidence.ts';

/**
 * A hypothesis as a caption: words for ids, rounded numbers, and how sure the model may be of it.
 *
 * @param probabilities of the bundle's class words in the picture, null where it has none
 */
export function toCaption(bundle: Bundle, hypothesis: Hypothesis, probabilities: Float32Array | null): Caption {
  const { manifest, words } = bundle;
  const tokens = hypothesis.ids.map((id, index) => ({
    word: words[id] ?? '',
    logProbability: roundLogProbability(hypothesis.logProbabilities[index] ?? 0),
  }));
  const confidence = round(confidenceOf(bundle, hypothesis, probabilities), 3);
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

/** A logarithm of a softmax may end a hair above 0. */
function roundLogProbability(value: number): number {
  return Math.min(round(value, 4), 0);
}

function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  // Adding 0 turns -0, which JSON writes as 0, into 0.
  return Math.round(value * factor) / factor + 0;
}
