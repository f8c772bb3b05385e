import { expect, test } from 'vitest';
import { titleOf } from '../../src/summary/title.ts';
import { sentenceOf } from '../../src/summary/wording.ts';

test.each([
  ['a bug on a pink flowers', 'There is a bug on pink flowers.'],
  ['a black and white flowers is sitting in the grass', 'Black and white flowers are sitting in the grass.'],
  ['a little boys', 'There are little boys.'],
  ['a dog is running through a leaves and a flowers', 'A dog is running through leaves and flowers.'],
])('a plural loses a wrong article: %s', (caption, sentence) => {
  expect(sentenceOf(caption, null)).toBe(sentence);
});

test.each([
  ['a group of people are sitting on a bench', 'A group of people are sitting on a bench.'],
  ['a couple of dogs are running', 'A couple of dogs are running.'],
  ['a few people are standing near a sports car', 'A few people are standing near a sports car.'],
  ['a bus is next to an old glasses case', 'A bus is next to an old glasses case.'],
  ['a man and two dogs are running', 'A man and two dogs are running.'],
  ['a man in a red and white shirt is smiling', 'A man in a red and white shirt is smiling.'],
  ['a dog jumps over a log', 'A dog jumps over a log.'],
])('what is right stays: %s', (caption, sentence) => {
  expect(sentenceOf(caption, null)).toBe(sentence);
});

test('a heading has its number right too', () => {
  expect(titleOf('a red flowers is standing in a field')).toBe('Red flowers standing in a field');
});
