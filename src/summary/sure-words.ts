import type { Caption } from '../domain/result.ts';
import { type ReadWord, readCaption, wordsOf } from './caption-reading.ts';

/** Below this probability a describing word is the model's guess among several. */
const SURE_ENOUGH = 0.3;

/**
 * A caption without the describing words that the model wasn't sure of: colours, ages and sizes are what captions
 * invent most. “a man in a blue and white shirt” → “a man in a shirt”. What's left claims less, never more.
 */
export function withoutUnsureDetails({ text, tokens }: Caption): string {
  const { words } = readCaption(text);
  const spoken = wordsOf(tokens.map(({ word }) => word).join(' '));
  const aligned = tokens.length === words.length && spoken.every((word, index) => word === words[index]?.text);
  if (!aligned) return text;
  const dropped = new Set<number>();
  for (const [start, end] of descriptions(words)) {
    const probabilities = tokens.slice(start, end).map(({ logProbability }) => Math.exp(logProbability));
    if (Math.min(...probabilities.filter((_, at) => words[start + at]?.text !== 'and')) >= SURE_ENOUGH) continue;
    for (let index = start; index < end; index += 1) dropped.add(index);
  }
  return words
    .flatMap(({ text: word }, index) => (dropped.has(index) ? [] : [articleFor(word, index, words, dropped)]))
    .join(' ');
}

/** Runs of adjectives, joined by “and” or not, right before the noun that they describe: `[start, end)`. */
function descriptions(words: readonly ReadWord[]): readonly (readonly [number, number])[] {
  const runs: (readonly [number, number])[] = [];
  let start: number | null = null;
  words.forEach(({ text, wordClass }, index) => {
    const describes = wordClass === 'adjective' && !text.endsWith('ed');
    const joins = start !== null && text === 'and' && words[index + 1]?.wordClass === 'adjective';
    if (describes) start ??= index;
    else if (!joins) {
      if (start !== null && wordClass === 'noun') runs.push([start, index]);
      start = null;
    }
  });
  return runs;
}

/** “an old man” without “old” is “a man”. */
function articleFor(word: string, index: number, words: readonly ReadWord[], dropped: ReadonlySet<number>): string {
  if ((word !== 'a' && word !== 'an') || !dropped.has(index + 1)) return word;
  const next = words.find((_, at) => at > index && !dropped.has(at));
  return /^[aeiou]/.test(next?.text ?? '') ? 'an' : 'a';
}
