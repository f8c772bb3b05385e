import { describe, expect, test } from 'vitest';
import { bleu } from '../../src/text/bleu.ts';
import { rougeL } from '../../src/text/rouge.ts';
import { wordsOf } from '../../src/text/words.ts';

const judged = [
  [
    'a black dog runs through the grass',
    'A black dog is running through green grass .',
    'the dog runs in the grass',
    'a dog running',
  ],
  ['two men play football on a field', 'two football players on the field', 'men playing football on a green field'],
  ['a dog and a dog run', 'two dogs are running on the beach', 'a brown dog and a black dog run'],
  ['the the the', 'the cat sat', 'there is a cat on the mat'],
  ['a girl', 'a girl in a red dress sits on a bench', 'a little girl smiles'],
].map(([candidate = '', ...references]) => ({ candidate: wordsOf(candidate), references: references.map(wordsOf) }));

describe('caption scores', () => {
  test('BLEU agrees with training/metrics.py on the same captions', () => {
    const expected = [0.8123423848202395, 0.6123261117616438, 0.4105984751285932, 0];
    bleu(judged).forEach((score, index) => {
      expect(score).toBeCloseTo(expected[index] ?? Number.NaN, 12);
    });
  });

  test('ROUGE-L agrees with training/metrics.py on the same captions', () => {
    expect(rougeL(judged)).toBeCloseTo(0.6394989447567243, 12);
  });

  test('are 1 for a caption that is one of its references', () => {
    const same = judged.map(({ references }) => ({ candidate: references[0] ?? [], references }));
    expect(bleu(same.slice(0, 2))).toEqual([1, 1, 1, 1].map((score) => expect.closeTo(score, 12)));
    expect(rougeL(same)).toBeCloseTo(1, 12);
  });

  test('are 0 where nothing is in common or nothing is said', () => {
    const nothing = [{ candidate: wordsOf('blue'), references: [wordsOf('a dog')] }];
    expect(bleu(nothing)).toEqual([0, 0, 0, 0]);
    expect(rougeL(nothing)).toBe(0);
    expect(rougeL([{ candidate: [], references: [wordsOf('a dog')] }])).toBe(0);
  });
});

test.each([
  ["A girl's T-shirt, don't!", ['a', "girl's", 't-shirt', "don't"]],
  ['  Two dogs .  ', ['two', 'dogs']],
  ['', []],
])('%j is told as words', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});
