import type { ClassWord } from '../caption/class-words.ts';
import type { PictureCaptions } from '../domain/captioning.ts';
import { readCaption } from '../summary/caption-reading.ts';
import { singular } from '../summary/lexicon.ts';
import { namesIn } from '../summary/names.ts';
import { tagName } from '../summary/same-thing.ts';
import type { Stated } from '../text/reliability.ts';
import { agree, covers, type Things } from '../text/things.ts';
import { wordsOf } from '../text/words.ts';

/** A picture with what the model says of it and what people wrote. */
export interface Described {
  readonly described: PictureCaptions;
  readonly references: readonly string[];
}

/** How well something finds what people named: of pictures, those that show a thing and those said to. */
export interface Finding {
  readonly word: string;
  /** Pictures of which a reference names it. */
  readonly shown: number;
  /** Pictures of which the model names it. */
  readonly named: number;
  readonly both: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * The names that each picture alone would be tagged with, before the unlikely ones are left out. Right is one that a
 * reference names too, by the same, a wider or a narrower word.
 */
export function tagsStated(pictures: readonly Described[], things: Things): readonly Stated[] {
  return pictures.flatMap(({ described, references }) => {
    const told = references.flatMap((reference) => {
      const { things: named, actions } = readCaption(reference);
      return [...named, ...actions].map((name) => tagName(name));
    });
    const names = namesIn({ captions: described.captions, words: described.words ?? [] });
    return [...names].map(([name, confidence]) => ({
      confidence,
      isRight: told.some((other) => name === other || agree(name, other, things)),
    }));
  });
}

/** For each class word that is seen or named at all: is it seen where a reference names it or something narrower. */
export function findWords(
  pictures: readonly Described[],
  classWords: readonly ClassWord[],
  things: Things,
): readonly Finding[] {
  const told = pictures.map(({ references }) => [...new Set(references.flatMap(folded))]);
  const seen = pictures.map(({ described }) => new Set(described.words?.map(({ word }) => word)));
  return classWords
    .map(({ word }) => {
      const name = tagName(word);
      return finding(
        word,
        told.map((words) => words.some((other) => other === name || covers(word, other, things))),
        seen.map((words) => words.has(word)),
      );
    })
    .filter(({ shown, named }) => shown + named > 0);
}

/** How well captions name given nouns: a picture shows one where a reference names it, in the singular or plural. */
export function findNouns(pictures: readonly Described[], nouns: readonly string[]): readonly Finding[] {
  const told = pictures.map(({ references }) => new Set(references.flatMap(folded)));
  const said = pictures.map(({ described }) => new Set(folded(described.captions[0]?.text ?? '')));
  return nouns.map((noun) => {
    const name = tagName(singular(noun));
    return finding(
      noun,
      told.map((words) => words.has(name)),
      said.map((words) => words.has(name)),
    );
  });
}

/** All pairs together, as if of one word. */
export function together(findings: readonly Finding[]): Finding {
  const sum = (count: (one: Finding) => number) => findings.reduce((total, one) => total + count(one), 0);
  return rated(
    'all',
    sum(({ shown }) => shown),
    sum(({ named }) => named),
    sum(({ both }) => both),
  );
}

function finding(word: string, shown: readonly boolean[], named: readonly boolean[]): Finding {
  const count = (flags: readonly boolean[]) => flags.filter(Boolean).length;
  return rated(word, count(shown), count(named), count(shown.map((is, index) => is && named[index] === true)));
}

function rated(word: string, shown: number, named: number, both: number): Finding {
  const precision = named === 0 ? 0 : both / named;
  const recall = shown === 0 ? 0 : both / shown;
  const f1 = both === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { word, shown, named, both, precision, recall, f1 };
}

/** The words of a caption as they'd name a tag, and each two neighbours as one name (“fire truck”). */
function folded(text: string): readonly string[] {
  const words = wordsOf(text);
  const names = words.map((word) => tagName(singular(word)));
  const pairs = words.slice(1).map((word, index) => tagName(`${words[index]} ${singular(word)}`));
  return [...names, ...pairs];
}
