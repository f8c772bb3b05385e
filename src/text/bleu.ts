const LONGEST_NGRAM = 4;

/** One picture's caption and its references, as words. */
export interface Judged {
  readonly candidate: readonly string[];
  readonly references: readonly (readonly string[])[];
}

/**
 * Corpus BLEU-1 to BLEU-4 (Papineni et al.: “BLEU: a Method for Automatic Evaluation of Machine Translation”, ACL 2002),
 * without smoothing, the reference of the closest length counting for brevity. Each is 0 to 1.
 */
export function bleu(corpus: readonly Judged[]): readonly number[] {
  const matches = new Array<number>(LONGEST_NGRAM).fill(0);
  const totals = new Array<number>(LONGEST_NGRAM).fill(0);
  let length = 0;
  let closest = 0;
  for (const { candidate, references } of corpus) {
    length += candidate.length;
    closest += closestLength(candidate.length, references);
    for (let n = 1; n <= LONGEST_NGRAM; n += 1) {
      matches[n - 1] = (matches[n - 1] ?? 0) + clippedMatches(candidate, references, n);
      totals[n - 1] = (totals[n - 1] ?? 0) + Math.max(0, candidate.length - n + 1);
    }
  }
  const brevity = length > closest ? 1 : Math.exp(1 - closest / Math.max(1, length));
  let logarithms = 0;
  return matches.map((count, index) => {
    logarithms += Math.log(count / Math.max(1, totals[index] ?? 0));
    return brevity * Math.exp(logarithms / (index + 1));
  });
}

function closestLength(length: number, references: Judged['references']): number {
  return references.reduce((best, { length: other }) => {
    const nearer = Math.abs(other - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && other < best) ? other : best;
  }, Number.POSITIVE_INFINITY);
}

/** How many n-grams of the candidate are in a reference, each at most as often as in the reference that has most. */
function clippedMatches(candidate: readonly string[], references: Judged['references'], n: number): number {
  const most = new Map<string, number>();
  for (const reference of references) {
    for (const [ngram, count] of countNgrams(reference, n)) most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
  }
  let matched = 0;
  for (const [ngram, count] of countNgrams(candidate, n)) matched += Math.min(count, most.get(ngram) ?? 0);
  return matched;
}

function countNgrams(words: readonly string[], n: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + n <= words.length; start += 1) {
    const ngram = words.slice(start, start + n).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}
