import { type CaptionReading, type ReadWord, readCaption } from './caption-reading.ts';
import { isPlural, PLURAL_DETERMINERS } from './lexicon.ts';

/**
 * A caption as a sentence, with a word of time before it where one is given: “two dogs running through grass”, “then”
 * → “Then two dogs are running through grass.” The words added (is, are, there, the word of time) claim nothing new.
 */
export function sentenceOf(caption: string, timeWord: string | null): string {
  const words = withVerb(inNumber(readCaption(caption).words));
  const text = [...(timeWord === null ? [] : [timeWord === 'then' ? timeWord : `${timeWord},`]), ...words].join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** A person's caption as a sentence: in their words, with a capital and a full stop where they left them out. */
export function asWritten(caption: string): string {
  return `${caption.charAt(0).toUpperCase()}${caption.slice(1)}${/[.!?…]["”’)]?$/.test(caption) ? '' : '.'}`;
}

/** Captions say “a red flowers is”: the plural is what they were taught, the article isn't. → “red flowers are”. */
export function inNumber(words: readonly ReadWord[]): readonly ReadWord[] {
  const mended = [...words];
  const dropped = new Set<number>();
  for (const [index, { text }] of words.entries()) {
    if (text !== 'a' && text !== 'an') continue;
    const end = words.findIndex(
      (word, at) => at > index && !describes(word, words[at + 1]) && word.wordClass !== 'noun',
    );
    const last = (end === -1 ? words.length : end) - 1;
    if (!isPlural(words[last]?.text ?? '')) continue;
    dropped.add(index);
    const verb = words[last + 1];
    if (verb !== undefined) mended[last + 1] = { ...verb, text: MANY_VERBS.get(verb.text) ?? verb.text };
  }
  return mended.filter((_, index) => !dropped.has(index));
}

function describes({ text, wordClass }: ReadWord, next: ReadWord | undefined): boolean {
  return wordClass === 'adjective' || (text === 'and' && next?.wordClass === 'adjective');
}

const MANY_VERBS = new Map([
  ['is', 'are'],
  ['was', 'were'],
  ['has', 'have'],
]);

/** Whether a caption is fit to be told: it names something, says nothing twice, and ends where a sentence may. */
export function isFitToTell(caption: string, reading: CaptionReading): boolean {
  const last = reading.words.at(-1)?.text ?? '';
  return reading.things.length > 0 && !reading.repeats && !UNFINISHED.has(last) && !/<\w+>/.test(caption);
}

const UNFINISHED = new Set(
  'a an the this that his her its their two of in on at with to for from into near and or is are while by who'.split(
    ' ',
  ),
);

function withVerb(words: readonly ReadWord[]): readonly string[] {
  const texts = words.map(({ text }) => text);
  if (words.some(({ wordClass }) => wordClass === 'auxiliary' || wordClass === 'verb')) return texts;
  const be = isManySubject(words) ? 'are' : 'is';
  const at = actionOfSubject(words);
  return at === null ? ['there', be, ...texts] : [...texts.slice(0, at), be, ...texts.slice(at)];
}

/** Where the action of the subject stands. What somebody wears is no action where another follows. */
function actionOfSubject(words: readonly ReadWord[]): number | null {
  const actions = words.flatMap(({ text, wordClass }, index) => {
    const before = words[index - 1]?.wordClass;
    const follows = before === 'noun' || before === 'adjective' || before === 'particle';
    return wordClass === 'action' && follows && words[index - 1]?.text !== 'and' ? [{ text, index }] : [];
  });
  const done = actions.find(({ text }) => text !== 'wearing') ?? actions[0];
  return done === undefined ? null : done.index;
}

function isManySubject(words: readonly ReadWord[]): boolean {
  const end = words.findIndex(({ wordClass }) => wordClass === 'preposition' || wordClass === 'action');
  const subject = end === -1 ? words : words.slice(0, end);
  const [first, second] = subject;
  const counted = first?.wordClass === 'determiner' && PLURAL_DETERMINERS.has(first.text);
  const gathered = second !== undefined && MANY.has(second.text) && subject.length > 2;
  const joined = subject.some(
    ({ text }, index) => text === 'and' && subject[index - 1]?.wordClass === 'noun' && subject[index + 1] !== undefined,
  );
  if (first?.text === 'a' || first?.text === 'an') return gathered || joined;
  const head = subject.findLast(({ wordClass }) => wordClass === 'noun');
  return counted || joined || (head !== undefined && isPlural(head.text));
}

/** “A couple of men are”, but “a group of people is”. */
const MANY = new Set(['couple', 'lot', 'bunch', 'pair']);
