import type { Hypothesis } from './beam.ts';
import type { Bundle } from './bundle.ts';
import { mainSupport } from './class-words.ts';

/** Probabilities are held off 0 and 1 by so much before they become log-odds. */
const LEAST = 0.001;

/**
 * How sure a model may be that the main thing of a caption is right, from 0 to 1.
 *
 * @param probabilities of the bundle's class words in the picture, `[words]`; null where it has none
 */
export function confidenceOf(
  bundle: Pick<Bundle, 'manifest' | 'classWords' | 'things'>,
  hypothesis: Hypothesis,
  probabilities: Float32Array | null,
): number {
  const { confidence } = bundle.manifest;
  const mean = hypothesis.logProbability / hypothesis.logProbabilities.length;
  if (confidence.statistic === 'meanLogProbability') return interpolate(confidence.points, mean);
  const { constant, meanLogProbability, named, unnamed } = confidence.weights;
  const seen = agreement(bundle, hypothesis.ids, probabilities ?? new Float32Array());
  const sum = constant + meanLogProbability * mean + named * logOdds(seen.named) + unnamed * logOdds(seen.unnamed);
  return 1 / (1 + Math.exp(-sum));
}

/**
 * Whether class words agree with a caption: the probability that something is there which speaks for the first thing that
 * it names, and that of the surest thing that it should name and which speaks for nothing in it.
 */
function agreement(
  { classWords, things }: Pick<Bundle, 'classWords' | 'things'>,
  ids: readonly number[],
  probabilities: Float32Array,
): { readonly named: number; readonly unnamed: number } {
  const spoken = new Set(ids.flatMap((id) => things.get(id) ?? []));
  const unnamed = (classWords ?? []).reduce((most, { sayFrom }, index) => {
    return sayFrom === null || spoken.has(index) ? most : Math.max(most, probabilities[index] ?? 0);
  }, 0);
  return { named: mainSupport(things, probabilities, ids), unnamed };
}

function logOdds(probability: number): number {
  const held = Math.min(Math.max(probability, LEAST), 1 - LEAST);
  return Math.log(held / (1 - held));
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
