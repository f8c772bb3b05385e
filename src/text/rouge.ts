import type { Judged } from './bleu.ts';

/** Recall counts a little more than precision, as in the COCO caption evaluation (Chen et al. 2015). */
const BETA = 1.2;

/**
 * Mean ROUGE-L (Lin: “ROUGE: A Package for Automatic Evaluation of Summaries”, ACL 2004): the F-measure of the longest
 * common subsequence, from the best precision and the best recall over the references. 0 to 1.
 */
export function rougeL(corpus: readonly Judged[]): number {
  const sum = corpus.reduce((total, { candidate, references }) => {
    const common = references.map((reference) => longestCommonSubsequence(candidate, reference));
    const precision = Math.max(0, ...common.map((length) => length / Math.max(1, candidate.length)));
    const recall = Math.max(0, ...common.map((length, index) => length / Math.max(1, references[index]?.length ?? 0)));
    if (precision === 0 || recall === 0) return total;
    return total + ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
  }, 0);
  return sum / Math.max(1, corpus.length);
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let above = new Uint16Array(b.length + 1);
  for (const word of a) {
    const row = new Uint16Array(b.length + 1);
    b.forEach((other, index) => {
      row[index + 1] = word === other ? (above[index] ?? 0) + 1 : Math.max(above[index + 1] ?? 0, row[index] ?? 0);
    });
    above = row;
  }
  return above[b.length] ?? 0;
}
