import type { Caption } from '../domain/result.ts';
import type { Scene } from '../domain/scene.ts';
import { readCaption } from './caption-reading.ts';
import { ingForm, isTellingNoun, singular, verbOf } from './lexicon.ts';
import { isSaidBetter, tagName } from './same-thing.ts';

/**
 * How sure it is that somebody would name a thing or an action in a picture whose caption names it: a logistic
 * function of the caption's confidence, the model's probability of the word at its place, and which of the two it is.
 * Fitted on the captions of Flickr8k's dev split, where right is what one of five people named:
 * `npx tsx bench/tag-confidence.ts`.
 */
const WEIGHTS = { constant: -0.61, confidence: 0.13, word: 0.36, thing: 0.74 };
/** Logarithms of odds are taken of probabilities between this and 1 less it. */
const LEAST = 0.01;

/**
 * Things and actions that a scene's captions name, or that were seen in it as class words, each with its confidence:
 * that of the surest witness. Captions that the model isn't sure of name nothing. A class word which says less than
 * another name does (“animal” beside “dog”) is left out.
 */
export function namesIn({ captions, words }: Pick<Scene, 'captions' | 'words'>): ReadonlyMap<string, number> {
  const certain = captions.filter(({ uncertain }) => !uncertain);
  const said = certain.flatMap(saidIn);
  const seen = words
    .filter(({ word }) => isTellingNoun(word))
    .map(({ word, confidence }) => [word, confidence] as const);
  const beside = new Set([...said, ...seen].map(([name]) => tagName(name)));
  const names = new Map<string, number>();
  for (const [word, confidence] of [...said, ...seen]) {
    const name = tagName(word, beside);
    names.set(name, Math.max(names.get(name) ?? 0, confidence));
  }
  const told = new Set(said.map(([word]) => tagName(word, beside)));
  return new Map([...names].filter(([name]) => told.has(name) || !isSaidBetter(name, names.keys())));
}

/** Whether a scene tells of what has this name, by its captions or by a word seen in it. */
export function tells(scene: Pick<Scene, 'captions' | 'words'>, name: string): boolean {
  const said = scene.captions.filter(({ uncertain }) => !uncertain).flatMap(saidIn);
  return namesIn(scene).has(name) || said.some(([word]) => word === name);
}

function saidIn(caption: Caption): readonly (readonly [name: string, confidence: number])[] {
  const { things, actions } = readCaption(caption.text);
  return [
    ...things.map((name) => [name, confidenceOf(name, caption, true)] as const),
    ...actions.map((name) => [name, confidenceOf(name, caption, false)] as const),
  ];
}

/** How sure a caption makes it that what it names is there; a person's leaves no doubt. */
export function confidenceOf(name: string, caption: Caption, isThing: boolean): number {
  if (caption.edit !== undefined) return 1;
  const sum =
    WEIGHTS.constant +
    WEIGHTS.confidence * logOdds(caption.confidence) +
    WEIGHTS.word * logOdds(wordProbability(name, caption)) +
    (isThing ? WEIGHTS.thing : 0);
  return 1 / (1 + Math.exp(-sum));
}

/** The model's probability of a name where its caption has it, of its least sure word; even odds where that isn't known. */
export function wordProbability(name: string, { tokens }: Caption): number {
  const parts = name.split(' ').map((part) => {
    const own = tokens.filter(({ word }) => foldsTo(word.toLowerCase(), part));
    return Math.max(...own.map(({ logProbability }) => Math.exp(logProbability)));
  });
  const least = Math.min(...parts);
  return Number.isFinite(least) ? least : 0.5;
}

function foldsTo(word: string, part: string): boolean {
  const verb = word === part ? null : verbOf(word);
  return word === part || singular(word) === part || (verb !== null && ingForm(verb) === part);
}

/** The logarithm of the odds of a probability. */
export function logOdds(probability: number): number {
  const kept = Math.min(Math.max(probability, LEAST), 1 - LEAST);
  return Math.log(kept / (1 - kept));
}
