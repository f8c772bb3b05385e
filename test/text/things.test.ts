import { describe, expect, test } from 'vitest';
import { agree, covers, isInvented, isMainThingRight, parseThings, thingsOf } from '../../src/text/things.ts';
import { wordsOf } from '../../src/text/words.ts';

const things = parseThings(`# a comment
person: person people man-child
child < person: child kids
boy < child: boy boys

dog: dog puppy
bicycle: bike bicycle
motorcycle: bike motorcycle
`);
const texts = (...captions: readonly string[]) => captions.map(wordsOf);

describe('things', () => {
  test('agree where one is the other or a kind of it, in both directions', () => {
    expect(agree('boy', 'people', things)).toBe(true);
    expect(agree('people', 'boy', things)).toBe(true);
    expect(agree('dog', 'puppy', things)).toBe(true);
    expect(agree('boy', 'dog', things)).toBe(false);
    expect(agree('bike', 'motorcycle', things)).toBe(true);
    expect(agree('motorcycle', 'bicycle', things)).toBe(false);
    expect(agree('cloud', 'cloud', things)).toBe(false);
  });

  test('cover what is a kind of them, in one direction', () => {
    expect(covers('person', 'boy', things)).toBe(true);
    expect(covers('boy', 'person', things)).toBe(false);
  });

  test('cover nothing where they are members of a group and not its name', () => {
    expect(covers('man-child', 'people', things)).toBe(false);
    expect(covers('puppy', 'dog', things)).toBe(false);
  });

  test('are found in a caption in order', () => {
    expect(thingsOf(wordsOf('A boy on a BIKE, with a dog.'), things)).toEqual(['boy', 'bike', 'dog']);
  });

  test('are invented where no reference names them', () => {
    expect(isInvented(wordsOf('a dog on a bike'), texts('a puppy runs'), things)).toBe(true);
    expect(isInvented(wordsOf('a dog'), texts('a puppy runs'), things)).toBe(false);
    expect(isInvented(wordsOf('a cloud'), texts('a puppy runs'), things)).toBe(false);
  });

  test('need two references to be the right main thing, or the only one', () => {
    expect(isMainThingRight(wordsOf('a dog runs'), texts('a dog', 'two puppy', 'a boy'), things)).toBe(true);
    expect(isMainThingRight(wordsOf('a boy runs'), texts('a dog', 'a dog', 'a boy'), things)).toBe(false);
    expect(isMainThingRight(wordsOf('a boy runs'), texts('a child'), things)).toBe(true);
    expect(isMainThingRight(wordsOf('the sky'), texts('the sky'), things)).toBe(false);
  });
});
