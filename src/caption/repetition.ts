/**
 * Whether a word would make a caption go round in circles: the same word twice in a row, a word trigram for the
 * second time, or “a dog and a dog”.
 */
export function isRepetition(ids: readonly number[], word: number, joiner: number): boolean {
  const { length } = ids;
  const last = ids[length - 1];
  if (length === 0) return false;
  if (word === last) return true;
  const beforeLast = ids[length - 2];
  for (let index = 0; index + 2 < length; index++) {
    if (ids[index] === beforeLast && ids[index + 1] === last && ids[index + 2] === word) return true;
  }
  return length >= 4 && beforeLast === joiner && ids[length - 4] === last && ids[length - 3] === word;
}
