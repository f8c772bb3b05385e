import type { Hypothesis } from './beam.ts';
import type { Bundle } from './bundle.ts';
import { logOdds, mainSupport, mainWords } from './class-words.ts';

/**
 * How sure a model may be that the main thing of a caption is right, from 0 to 1.
 *
 * @param probabilities of the bundle's class words in the picture, `[words]`; null where it has none
 */
export function confidenceOf(
  bundle: Pick<Bundle, 'manifest' | 'classWords' | 'things' | 'support'>,
  hypothesis: Hypothesis,
  probabilities: Float32Array | null,
): number {
  const { confidence } = bundle.manifest;
  const mean = hypothesis.logProbability / hypothesis.logProbabilities.length;
  if (confidence.statistic === 'meanLogProbability') return interpolate(confidence.points, mean);
  const { weights } = confidence;
  const seen = agreement(bundle, hypothesis.ids, probabilities ?? new Float32Array());
  const foreign = foreignness(bundle, probabilities);
  const fillers = new Set(confidence.foreign?.fillers);
  const isFiller = mainWords(bundle.things, hypothesis.ids).some((index) =>
    fillers.has(bundle.classWords?.[index]?.word ?? ''),
  );
  return logistic(
    weights.constant +
      weights.meanLogProbability * mean +
      weights.named * logOdds(seen.named) +
      weights.unnamed * logOdds(seen.unnamed) +
      (weights.foreign + (isFiller ? weights.filler : 0)) * foreign,
  );
}

/**
 * Whether class words agree with a caption: the probability that something is there which speaks for the first thing that
 * it names, and that of the surest thing that it should name and which speaks for nothing in it.
 */
function agreement(
  { classWords, things, support }: Pick<Bundle, 'classWords' | 'things' | 'support'>,
  ids: readonly number[],
  probabilities: Float32Array,
): { readonly named: number; readonly unnamed: number } {
  const spoken = new Set(ids.flatMap((id) => things.get(id) ?? []));
  const unnamed = (classWords ?? []).reduce((most, { sayFrom }, index) => {
    return sayFrom === null || spoken.has(index) ? most : Math.max(most, probabilities[index] ?? 0);
  }, 0);
  return { named: mainSupport(support, probabilities, ids), unnamed };
}

/** The probability that a picture isn't of the kind that a model's captions were learned from; 0 where a bundle can't tell. */
export function foreignness(
  { manifest: { confidence }, classWords }: Pick<Bundle, 'manifest' | 'classWords'>,
  probabilities: Float32Array | null,
): number {
  if (confidence.statistic !== 'agreement' || !confidence.foreign) return 0;
  const { constant, words } = confidence.foreign;
  const weighed = (classWords ?? []).map(({ word }, index) =>
    Object.hasOwn(words, word) ? (words[word] ?? 0) * logOdds(probabilities?.[index] ?? 0) : 0,
  );
  return logistic(weighed.reduce((sum, part) => sum + part, constant));
}

function logistic(sum: number): number {
  return 1 / (1 + Math.exp(-sum));
}

/** A piecewise-linear function through points from left to right, held at both ends. */
export function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  const after = points.findIndex((point) => point[0] >= x);
  const right = points[after] ?? points.at(-1);
  const left = points[after - 1];
  if (right === undefined) return 0;
  if (left === undefined || after < 0) return right[1];
  return left[1] + ((right[1] - left[1]) * (x - left[0])) / (right[0] - left[0]);
}
