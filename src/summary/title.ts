import { type ReadWord, readCaption } from './caption-reading.ts';
import { ingForm, verbOf } from './lexicon.ts';
import { inNumber } from './wording.ts';

const LONGEST_SUBJECT_WORDS = 9;
const LONGEST_TITLE_CHARACTERS = 48;

/**
 * A caption as a heading, without auxiliary verbs and only as long as a heading should be: “two dogs are running
 * through the grass” → “Two dogs running through the grass”. Null where the caption names no subject.
 */
export function titleOf(caption: string): string | null {
  const parts = partsOf(withoutThereIs(inNumber(readCaption(caption).words)));
  const [subject, ...rest] = parts;
  if (subject === undefined || subject.kind !== 'subject' || !subject.words.some(isNoun)) return null;
  const title = endNeatly(grow(subject.words, rest)).map(({ text }) => text);
  const text = title.join(' ');
  return text === '' ? null : `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

/** A person's caption as a heading: in their words where it's short enough. */
export function writtenTitle(caption: string): string | null {
  const text = caption.replace(/\.$/, '');
  return text.length > LONGEST_TITLE_CHARACTERS ? titleOf(caption) : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** A stretch of a caption: its subject, what is done (with its object), where, or what else there is. */
interface Part {
  readonly kind: 'subject' | 'action' | 'place' | 'and';
  readonly words: readonly ReadWord[];
}

function partsOf(words: readonly ReadWord[]): readonly Part[] {
  const parts: { kind: Part['kind']; words: ReadWord[] }[] = [{ kind: 'subject', words: [] }];
  let before: ReadWord | undefined;
  for (const [index, word] of words.entries()) {
    const kind = opens(word, before, words[index + 1]);
    if (kind !== null) parts.push({ kind, words: [] });
    if (word.wordClass !== 'auxiliary') parts.at(-1)?.words.push(asHeading(word, before));
    before = word;
  }
  return parts.filter((part) => part.words.length > 0);
}

function opens(word: ReadWord, before: ReadWord | undefined, next: ReadWord | undefined): Part['kind'] | null {
  if (before === undefined || before.wordClass === 'preposition') return null;
  if (word.wordClass === 'action') return before.wordClass === 'determiner' || before.text === 'and' ? null : 'action';
  if (word.wordClass === 'verb') return before.text === 'and' ? null : 'action';
  if (word.wordClass === 'preposition') return word.text === 'of' ? null : 'place';
  if (word.wordClass !== 'particle') return null;
  // “black and white” is one description, “a dog and a cat” are two things.
  return word.text === 'and' && before.wordClass === 'adjective' && next?.wordClass === 'adjective' ? null : 'and';
}

/** “runs” heads as “running”; after “to” a verb stays as it is. */
function asHeading(word: ReadWord, before: ReadWord | undefined): ReadWord {
  const verb = word.wordClass === 'verb' && before?.text !== 'to' ? verbOf(word.text) : null;
  return verb === null ? word : { text: ingForm(verb), wordClass: 'action' };
}

/** The subject, its first action, and where that is, as far as there is room. */
function grow(subject: readonly ReadWord[], rest: readonly Part[]): readonly ReadWord[] {
  const fits = (words: readonly ReadWord[], more: readonly ReadWord[]) =>
    [...words, ...more].map(({ text }) => text).join(' ').length <= LONGEST_TITLE_CHARACTERS;
  let title = subject.slice(0, LONGEST_SUBJECT_WORDS);
  let from = 0;
  const [also] = rest;
  if (also?.kind === 'and' && also.words.some(isNoun) && !also.words.some(isAction) && fits(title, also.words)) {
    title = [...title, ...also.words];
    from = 1;
  }
  const action = rest.findIndex((part, index) => index >= from && part.kind === 'action' && !isWearing(part));
  const found = rest[action];
  if (found !== undefined && fits(title, found.words)) {
    title = [...title, ...found.words];
    from = action + 1;
  }
  for (const part of rest.slice(from)) {
    if (part.kind !== 'place' || !fits(title, part.words)) break;
    title = [...title, ...part.words];
  }
  return title;
}

/** Without what can't stand at the end: “sitting on a”, “a man and”. */
function endNeatly(words: readonly ReadWord[]): readonly ReadWord[] {
  let end = words.length;
  while (end > 0 && DANGLING.has(words[end - 1]?.wordClass ?? 'noun')) end -= 1;
  return words.slice(0, end);
}

const DANGLING = new Set<ReadWord['wordClass']>(['determiner', 'preposition', 'particle', 'auxiliary']);

function withoutThereIs(words: readonly ReadWord[]): readonly ReadWord[] {
  return words[0]?.text === 'there' && words[1]?.wordClass === 'auxiliary' ? words.slice(2) : words;
}

function isWearing(part: Part): boolean {
  return part.words[0]?.text === 'wearing';
}

function isNoun({ wordClass }: ReadWord): boolean {
  return wordClass === 'noun';
}

function isAction({ wordClass }: ReadWord): boolean {
  return wordClass === 'action';
}
