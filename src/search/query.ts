import { FramescribeError } from '../domain/errors.ts';

/** What somebody asked for, in words. */
export interface WordQuery {
  /** Words and phrases that a video must have. */
  readonly wanted: readonly string[];
  readonly unwanted: readonly string[];
}

const MOST_TERMS = 32;

/**
 * Reads words as people type them: `dog beach` asks for both, `"red car"` for a phrase, `-snow` for none of it.
 *
 * @throws {FramescribeError} USAGE: only unwanted words, or too many.
 */
export function readQuery(text: string): WordQuery {
  const terms = [...text.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)].flatMap(([, minus, phrase, word]) => {
    const plain = wordsOf(phrase ?? word ?? '');
    return plain === '' ? [] : [{ isUnwanted: minus === '-', plain }];
  });
  if (terms.length > MOST_TERMS) {
    throw new FramescribeError('USAGE', `Expected at most ${MOST_TERMS} words, got ${terms.length}`);
  }
  const wanted = terms.filter(({ isUnwanted }) => !isUnwanted).map(({ plain }) => plain);
  const unwanted = terms.filter(({ isUnwanted }) => isUnwanted).map(({ plain }) => plain);
  if (wanted.length === 0 && unwanted.length > 0) {
    throw new FramescribeError('USAGE', 'Expected a word to look for beside the words to leave out');
  }
  return { wanted, unwanted };
}

/**
 * The query in the language of FTS5 (https://www.sqlite.org/fts5.html, section 3). Each term is quoted: none commands.
 *
 * @param isTyping the last word may be the beginning of one.
 */
export function matchAll({ wanted, unwanted }: WordQuery, isTyping = false): string {
  const all = terms(wanted, isTyping).join(' AND ');
  return unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.map(quoted).join(' OR ')})`;
}

export function matchAny({ wanted }: WordQuery, isTyping = false): string {
  return terms(wanted, isTyping).join(' OR ');
}

function terms(words: readonly string[], isTyping: boolean): readonly string[] {
  return words.map((word, at) => (isTyping && at === words.length - 1 ? `${quoted(word)} *` : quoted(word)));
}

function quoted(term: string): string {
  return `"${term}"`;
}

/** Letters and digits only, as the index splits words. */
function wordsOf(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
}
