/**
 * Whether one more item would make a sequence go round in circles: the same item twice in a row, a trigram for the
 * second time, or the same two items on both sides of the joiner, as in “a dog and a dog”.
 */
export function isRepetition<T>(items: readonly T[], next: T, joiner: T): boolean {
  const { length } = items;
  const last = items[length - 1];
  if (length === 0) return false;
  if (next === last) return true;
  const beforeLast = items[length - 2];
  for (let index = 0; index + 2 < length; index += 1) {
    if (items[index] === beforeLast && items[index + 1] === last && items[index + 2] === next) return true;
  }
  return length >= 4 && beforeLast === joiner && items[length - 4] === last && items[length - 3] === next;
}

/** Whether a caption says a phrase twice. */
export function repeatsPhrase(words: readonly string[]): boolean {
  return words.some((word, index) => isRepetition(words.slice(0, index), word, 'and'));
}
