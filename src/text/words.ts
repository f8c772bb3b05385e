const WORD = /[a-z0-9]+(?:['-][a-z0-9]+)*|'s\b/g;

/** Lower-case words without punctuation; `t-shirt` and `don't` are one word, a loose `'s` is kept. As in training. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(WORD) ?? [];
}
