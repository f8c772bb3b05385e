import { expect, it } from 'vitest';
import { titleOf } from '../../src/summary/title.ts';

it.each([
  ['two dogs are running through the grass', 'Two dogs running through the grass'],
  ['a man in a red shirt is riding a bike', 'A man riding a bike'],
  ['there is a cat on the sofa', 'A cat on the sofa'],
  ['a dog runs in a field', 'A dog running in a field'],
  ['a black and white dog is jumping', 'A black and white dog jumping'],
  ['a man and a woman are sitting on a bench', 'A man and a woman sitting on a bench'],
  ['a group of people are standing', 'A group of people standing'],
  ['a man is sitting on a', 'A man sitting'],
  [
    'three riders stand around their horses in the high white mountains of the north',
    'Three riders standing around their horses',
  ],
])('heads “%s” as “%s”', (caption, title) => expect(titleOf(caption)).toBe(title));

it.each(['', 'is running', 'in the', 'the'])('has no heading for “%s”', (caption) =>
  expect(titleOf(caption)).toBeNull(),
);
