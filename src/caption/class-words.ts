import { FramescribeError } from '../domain/errors.ts';
import type { SeenWord } from '../domain/result.ts';
import type { Wanted } from './beam.ts';

/** A word that a model looks for in a picture as a whole, beside what it says in captions. */
export interface ClassWord {
  /** Lower case, singular, as a caption would have it; may be two words, such as “fire truck”. */
  readonly word: string;
  /** The probability from which the word is right about four times in five; null where none was found. */
  readonly threshold: number | null;
  /** The probability from which captions have to name the word; null where they needn't. */
  readonly sayFrom: number | null;
  /** Whether they need to only where it's surer than what speaks for their main thing. */
  readonly ifSurer: boolean;
  /** The vocabulary's words that name it or a kind of it, and in whose place each may stand. */
  readonly forms: Wanted;
}

/** What a bundle's `words.json` tells. */
export interface ClassWords {
  /** In the order of the encoder's output. */
  readonly classWords: readonly ClassWord[];
  /** By the id of each word that names a thing: the places, among the class words, of those whose presence speaks for it. */
  readonly things: ReadonlyMap<number, readonly number[]>;
  /**
   * By the same ids: the places of those that tell how likely it is there, its support. They are the kinds of things that it
   * is, where an encoder judges kinds as a whole, else the same.
   */
  readonly support: ReadonlyMap<number, readonly number[]>;
  /** By the same ids, where it is told: the support on the captioned pictures. */
  readonly usual: ReadonlyMap<number, number>;
}

/** More would be noise: nobody names so many things in one picture. */
const MOST_WORDS = 20;
/** The bounds of the evidence that the decoder was trained with. */
const LEAST_GAIN = -3;
const MOST_GAIN = 6;
/** Probabilities are held off 0 and 1 by so much before they become log-odds. */
const LEAST = 0.001;
/** A logistic function in float32 may end a hair outside. */
const ROUNDING = 1e-3;

/**
 * What a picture's caption has to name and doesn't: of the words whose probability reaches their `sayFrom` (and, with
 * `ifSurer`, what speaks for the caption's main thing), the surest, of equal ones the first.
 *
 * @param probabilities `[words]`
 * @param ids the caption's
 */
export function wordToName(
  { classWords, support }: Pick<ClassWords, 'classWords' | 'support'>,
  probabilities: Float32Array,
  ids: readonly number[],
): Wanted | null {
  const main = mainSupport(support, probabilities, ids);
  let surest: ClassWord | null = null;
  let most = 0;
  for (const [index, word] of classWords.entries()) {
    const probability = probabilities[index] ?? 0;
    if (word.sayFrom === null || probability < word.sayFrom || probability <= most) continue;
    if ((word.ifSurer && probability < main) || ids.some((id) => word.forms.has(id))) continue;
    surest = word;
    most = probability;
  }
  return surest?.forms ?? null;
}

/** The probability that something is there which speaks for the first thing that a caption names; 0 where it names none. */
export function mainSupport(
  support: ClassWords['support'],
  probabilities: Float32Array,
  ids: readonly number[],
): number {
  return supportOf(mainWords(support, ids), probabilities);
}

/** The probability that at least one of some class words or kinds is there. */
function supportOf(words: readonly number[], probabilities: Float32Array): number {
  return 1 - words.reduce((product, index) => product * (1 - (probabilities[index] ?? 0)), 1);
}

/** The ids of the words which name things whose support is below `least`. Things for which nothing speaks stay. */
export function unsupported(
  support: ClassWords['support'],
  probabilities: Float32Array,
  least: number,
): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const [id, places] of support) {
    if (places.length > 0 && supportOf(places, probabilities) < least) ids.add(id);
  }
  return ids;
}

/** For each word that names a thing the log-odds of its support above what is usual, held to `LEAST_GAIN` and `MOST_GAIN`. */
export function surprises(
  { support, usual }: Pick<ClassWords, 'support' | 'usual'>,
  probabilities: Float32Array,
): ReadonlyMap<number, number> {
  const gains = [...support].map(([id, places]) => {
    const often = usual.get(id);
    if (often === undefined || places.length === 0) return [id, 0] as const;
    const above = logOdds(supportOf(places, probabilities)) - logOdds(often);
    return [id, Math.min(Math.max(above, LEAST_GAIN), MOST_GAIN)] as const;
  });
  return new Map(gains);
}

/** The places of the class words that speak for the first thing that a caption names. */
export function mainWords(things: ClassWords['things'], ids: readonly number[]): readonly number[] {
  return ids.map((id) => things.get(id)).find((words) => words !== undefined) ?? [];
}

/**
 * The words whose probability reaches their threshold, surest first, equal ones in order of the alphabet.
 *
 * @param probabilities `[words]`
 * @throws {FramescribeError} INFERENCE_FAILED where a number is no probability.
 */
export function seenWords(words: readonly ClassWord[], probabilities: Float32Array): readonly SeenWord[] {
  const seen = words.flatMap(({ word, threshold }, index) => {
    const probability = probabilities[index] ?? Number.NaN;
    if (!(probability >= -ROUNDING && probability <= 1 + ROUNDING)) {
      throw new FramescribeError(
        'INFERENCE_FAILED',
        `Expected a probability from 0 to 1 for the class word “${word}”, got ${probability}`,
      );
    }
    if (threshold === null || probability < threshold) return [];
    return [{ word, confidence: Math.min(Math.round(probability * 1000) / 1000, 1) }];
  });
  return seen
    .sort((one, other) => other.confidence - one.confidence || (one.word < other.word ? -1 : 1))
    .slice(0, MOST_WORDS);
}

export function logOdds(probability: number): number {
  const held = Math.min(Math.max(probability, LEAST), 1 - LEAST);
  return Math.log(held / (1 - held));
}
