import { describe, expect, it } from 'vitest';
import { readCaption } from '../../src/summary/caption-reading.ts';
import { ingForm, singular, verbOf } from '../../src/summary/lexicon.ts';

describe('reading a caption', () => {
  it.each([
    ['two dogs are running through the grass', ['dog', 'grass'], ['running']],
    ['a dog runs through a field', ['dog', 'field'], ['running']],
    ['a group of people are standing in front of a building', ['person', 'building'], ['standing']],
    ['a boy is playing in the ocean waves', ['boy', 'wave'], ['playing']],
    ['a man rides a bike', ['man', 'bike'], ['riding']],
    ['a child goes down a slide', ['child', 'slide'], []],
    ['a boy jumps into a swimming pool', ['boy', 'swimming pool'], ['jumping']],
    ['two men play a soccer match', ['man', 'soccer', 'match'], ['playing']],
    ['a woman with an ice cream', ['woman', 'ice cream'], []],
    ['a black and white cat sleeping', ['cat'], ['sleeping']],
    ['a man and a woman play tennis', ['man', 'woman', 'tennis'], ['playing']],
    ['', [], []],
  ])('finds the things and actions of “%s”', (text, things, actions) => {
    expect(readCaption(text)).toMatchObject({ things, actions });
  });

  it('takes numbers, colours and small words for no things', () => {
    expect(readCaption('three red and two blue ones are in the front of it').things).toEqual([]);
  });

  it.each([
    ['a black dog and a black dog', true],
    ['a man man is running', true],
    ['a dog with a ball with a ball', true],
    ['a black dog and a white dog', false],
    ['a man is standing on a rock', false],
  ])('notices whether “%s” says something twice: %s', (text, repeats) => {
    expect(readCaption(text).repeats).toBe(repeats);
  });
});

describe('word forms', () => {
  it.each([
    ['men', 'man'],
    ['dogs', 'dog'],
    ['people', 'person'],
    ['children', 'child'],
    ['bushes', 'bush'],
    ['puppies', 'puppy'],
    ['horses', 'horse'],
    ['grass', 'grass'],
    ['glasses', 'glasses'],
    ['tennis', 'tennis'],
  ])('folds %s to %s', (plural, one) => expect(singular(plural)).toBe(one));

  it.each([
    ['runs', 'run', 'running'],
    ['rode', 'ride', 'riding'],
    ['lies', 'lie', 'lying'],
    ['sits', 'sit', 'sitting'],
    ['plays', 'play', 'playing'],
    ['carries', 'carry', 'carrying'],
    ['looks', 'look', 'looking'],
    ['squats', 'squat', 'squatting'],
    ['watches', 'watch', 'watching'],
  ])('knows %s as %s, %s', (form, verb, ing) => {
    expect(verbOf(form)).toBe(verb);
    expect(ingForm(verb)).toBe(ing);
  });
});
