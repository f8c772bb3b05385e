/**
 * CIDEr-D (Vedantam, Lawrence Zitnick, Parikh: “CIDEr: Consensus-based Image Description Evaluation”, CVPR 2015): how
 * well a caption agrees with others of the same picture, by n-grams (n = 1 … 4) weighted by how telling they are.
 */
const LONGEST_NGRAM = 4;
const SIGMA = 6;

/** In how many documents (a document holds all captions of one picture) each n-gram occurs. */
export interface NgramStatistics {
  readonly documents: number;
  readonly frequencies: ReadonlyMap<string, number>;
}

/** A caption as four tf-idf vectors, one for each n, with their lengths. */
export interface NgramVector {
  readonly weights: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  /** Words in the caption. */
  readonly length: number;
}

/** Counts n-grams over a set of pictures, each with its tokenised captions. */
export function ngramStatistics(pictures: Iterable<readonly (readonly string[])[]>): NgramStatistics {
  const frequencies = new Map<string, number>();
  let documents = 0;
  for (const captions of pictures) {
    documents += 1;
    const seen = new Set(captions.flatMap((words) => countNgrams(words).flatMap((counts) => [...counts.keys()])));
    for (const ngram of seen) frequencies.set(ngram, (frequencies.get(ngram) ?? 0) + 1);
  }
  return { documents, frequencies };
}

/** The tf-idf vectors of a tokenised caption. */
export function ngramVector(words: readonly string[], { documents, frequencies }: NgramStatistics): NgramVector {
  const weights = countNgrams(words).map(
    (counts) =>
      new Map(
        [...counts].map(([ngram, count]) => {
          const frequency = Math.max(1, frequencies.get(ngram) ?? 0);
          return [ngram, count * (Math.log(Math.max(1, documents)) - Math.log(frequency))] as const;
        }),
      ),
  );
  return { weights, norms: weights.map(norm), length: words.length };
}

/**
 * CIDEr-D of a candidate against the references of its picture: 0 (nothing in common) to 10 (the same words).
 * References without words count as ones that nothing agrees with; no reference gives 0.
 */
export function ciderD(candidate: NgramVector, references: readonly NgramVector[]): number {
  if (references.length === 0) return 0;
  const sum = references.reduce((total, reference) => total + agreement(candidate, reference), 0);
  return (10 * sum) / references.length;
}

/** The mean over n of the clipped cosine, less the longer the lengths differ: 0 to 1. */
function agreement(candidate: NgramVector, reference: NgramVector): number {
  const difference = candidate.length - reference.length;
  const penalty = Math.exp(-(difference ** 2) / (2 * SIGMA ** 2));
  let sum = 0;
  for (let n = 0; n < LONGEST_NGRAM; n += 1) {
    const norms = (candidate.norms[n] ?? 0) * (reference.norms[n] ?? 0);
    if (norms > 0) sum += clippedProduct(candidate.weights[n] ?? EMPTY, reference.weights[n] ?? EMPTY) / norms;
  }
  return (penalty * sum) / LONGEST_NGRAM;
}

const EMPTY: ReadonlyMap<string, number> = new Map();

/** A word that the candidate repeats counts no more often than in the reference. */
function clippedProduct(candidate: ReadonlyMap<string, number>, reference: ReadonlyMap<string, number>): number {
  let product = 0;
  for (const [ngram, weight] of candidate) {
    const other = reference.get(ngram);
    if (other !== undefined) product += Math.min(weight, other) * other;
  }
  return product;
}

function countNgrams(words: readonly string[]): readonly ReadonlyMap<string, number>[] {
  return Array.from({ length: LONGEST_NGRAM }, (_, index) => {
    const counts = new Map<string, number>();
    for (let start = 0; start + index < words.length; start += 1) {
      const ngram = words.slice(start, start + index + 1).join(' ');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
}

function norm(weights: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const weight of weights.values()) sum += weight ** 2;
  return Math.sqrt(sum);
}
