import {
  COLLECTIVES,
  COMPOUNDS,
  classOf,
  ingForm,
  isPlural,
  isTellingAction,
  isTellingNoun,
  PURPOSED,
  SPORTS,
  singular,
  verbOf,
  type WordClass,
} from './lexicon.ts';

/** A word of a caption with the class that its place in the sentence gives it. */
export interface ReadWord {
  readonly text: string;
  readonly wordClass: WordClass;
}

/** What a caption says, word by word. */
export interface CaptionReading {
  readonly words: readonly ReadWord[];
  /** Things it names, in the singular, in order, once each. */
  readonly things: readonly string[];
  /** Actions it names, in -ing, in order, once each. */
  readonly actions: readonly string[];
  /** All words that carry meaning, folded (`dogs` → `dog`, `runs` → `running`): things, actions, colours, numbers … */
  readonly content: ReadonlySet<string>;
  /** It says the same thing twice, as in “a black dog and a black dog”. */
  readonly repeats: boolean;
}

/** Reads a caption of the model: lower-case English, words parted by spaces. Punctuation is dropped. */
export function readCaption(text: string): CaptionReading {
  const words = classify(wordsOf(text));
  const phrases = nounPhrases(words);
  const things = phrases.flatMap(thingsOf);
  const actions = words.flatMap(actionOf).filter(isTellingAction);
  const content = words.flatMap(contentOf);
  return {
    words,
    things: [...new Set(things)],
    actions: [...new Set(actions)],
    content: new Set(content),
    repeats: saysTwice(phrases, content),
  };
}

/** The words of a text in lower case, without punctuation. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
}

function classify(words: readonly string[]): readonly ReadWord[] {
  const read: ReadWord[] = [];
  words.forEach((text, index) => {
    read.push({ text, wordClass: classAt(text, read, words[index + 1]) });
  });
  return read;
}

function classAt(text: string, read: readonly ReadWord[], next: string | undefined): WordClass {
  const before = read.at(-1);
  if (COLLECTIVES.has(text)) return next === 'of' ? 'determiner' : 'noun';
  if (text === 'of' && before?.wordClass === 'determiner') return 'determiner';
  const own = classOf(text);
  const place = before?.wordClass;
  if (own === 'action') {
    const modifies = place === undefined || place === 'determiner' || place === 'adjective' || place === 'preposition';
    return modifies && next !== undefined && PURPOSED.has(next) ? 'adjective' : 'action';
  }
  if (own !== 'verb') return own;
  if (before?.text === 'to') return 'verb';
  if (place === 'noun') return agrees(read, text) ? 'verb' : 'noun';
  return place === 'auxiliary' || place === 'particle' ? 'verb' : 'noun';
}

/**
 * “dog runs” and “dogs run” agree, “dog run” and “tennis match” don't: there the second word is a noun. So it is where
 * the clause has its verb already (“is playing in the ocean waves”).
 */
function agrees(read: readonly ReadWord[], verb: string): boolean {
  const clause = read.slice(read.findLastIndex(({ text }) => CLAUSE_OPENERS.has(text)) + 1);
  if (clause.some(({ wordClass }) => wordClass === 'verb' || wordClass === 'action')) return false;
  const [article, noun] = read.slice(-2);
  const joined = article?.wordClass === 'determiner' && read.some(({ text }) => text === 'and');
  const plural = isPlural(noun?.text ?? '') || joined;
  return plural === (verbOf(verb) === verb);
}

const CLAUSE_OPENERS = new Set('and as while that who which where when but or'.split(' '));

/** Runs of nouns with the adjectives and determiners before them. */
function nounPhrases(words: readonly ReadWord[]): readonly (readonly ReadWord[])[] {
  const phrases: ReadWord[][] = [];
  let phrase: ReadWord[] = [];
  const close = () => {
    if (phrase.some(isNoun)) phrases.push(phrase);
    phrase = [];
  };
  for (const word of words) {
    const { wordClass } = word;
    if (wordClass === 'determiner' && phrase.at(-1)?.wordClass !== 'determiner') close();
    if (wordClass === 'determiner' || wordClass === 'adjective' || wordClass === 'noun') phrase.push(word);
    else close();
  }
  close();
  return phrases;
}

function thingsOf(phrase: readonly ReadWord[]): readonly string[] {
  const at = phrase.findLastIndex(isNoun);
  const head = singular(phrase[at]?.text ?? '');
  const before = phrase[at - 1]?.text;
  if (COMPOUNDS.has(`${before}-${head}`)) return [`${before} ${head}`];
  const sports = phrase.filter(({ text }) => SPORTS.has(text)).map(({ text }) => text);
  return [...sports, ...(isTellingNoun(head) ? [head] : [])];
}

function actionOf({ text, wordClass }: ReadWord): readonly string[] {
  if (wordClass === 'action') return [text];
  const verb = wordClass === 'verb' ? verbOf(text) : null;
  return verb === null ? [] : [ingForm(verb)];
}

function contentOf(word: ReadWord): readonly string[] {
  switch (word.wordClass) {
    case 'noun':
      return [singular(word.text)];
    case 'adjective':
      return [word.text];
    case 'determiner':
      return COUNTLESS.has(word.text) ? [] : [singular(word.text)];
    default:
      return actionOf(word);
  }
}

const COUNTLESS = new Set('a an the of this that these those his her its their my your our some any'.split(' '));

function saysTwice(phrases: readonly (readonly ReadWord[])[], content: readonly string[]): boolean {
  const bare = phrases.map((phrase) => phrase.flatMap(contentOf).join(' ')).filter((text) => text !== '');
  const pairs = content.slice(1).map((word, index) => `${content[index]} ${word}`);
  const stutters = content.some((word, index) => word === content[index + 1]);
  return stutters || new Set(bare).size < bare.length || new Set(pairs).size < pairs.length;
}

function isNoun(word: ReadWord): boolean {
  return word.wordClass === 'noun';
}
