import { expect, test } from 'vitest';
import { repeatsPhrase } from '../../src/text/repetition.ts';

test.each([
  ['a dog and a dog', true],
  ['a black dog and a brown dog', false],
  ['a dog dog runs', true],
  ['a man in a hat and a man in a coat', true],
  ['a man in a hat and a woman in a coat', false],
  ['in a red hat in a red', true],
  ['two dogs and two dogs play', true],
  ['dogs and dogs', false],
  ['', false],
])('%j repeats a phrase: %s', (text, repeats) => {
  expect(repeatsPhrase(text.split(' ').filter(Boolean))).toBe(repeats);
});
