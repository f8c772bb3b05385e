import { describe, expect, it, test } from 'vitest';
import type { Caption, SeenWord } from '../../src/domain/result.ts';
import { namesIn } from '../../src/summary/names.ts';
import { isSaidBetter, tagName } from '../../src/summary/same-thing.ts';

/** A caption whose words all have one probability, but for those given. */
function captionOf(text: string, confidence: number, probabilities: Readonly<Record<string, number>> = {}): Caption {
  const tokens = text.split(' ').map((word) => ({ word, logProbability: Math.log(probabilities[word] ?? 0.8) }));
  return { text, confidence, uncertain: confidence < 0.5, logProbability: -3, tokens };
}

const seen = (...words: readonly (readonly [string, number])[]): SeenWord[] =>
  words.map(([word, confidence]) => ({ word, confidence }));

const names = (captions: readonly Caption[], words: readonly SeenWord[] = []) => namesIn({ captions, words });

describe('names in a scene', () => {
  it('are surer the surer the caption and the word in it are, and of things than of actions', () => {
    const sure = names([captionOf('a dog is running', 0.9)]);
    const unsureCaption = names([captionOf('a dog is running', 0.6)]);
    const unsureWord = names([captionOf('a dog is running', 0.9, { dog: 0.2 })]);
    expect(sure.get('dog')).toBeGreaterThan(unsureCaption.get('dog') ?? 1);
    expect(sure.get('dog')).toBeGreaterThan(unsureWord.get('dog') ?? 1);
    expect(sure.get('running')).toBe(unsureWord.get('running'));
    expect(sure.get('dog')).toBeGreaterThan(sure.get('running') ?? 1);
  });

  it('have the probability of their least sure word, in whatever form the caption has them', () => {
    const fire = names([captionOf('a man on a fire truck', 0.9, { fire: 0.1 })]);
    const truck = names([captionOf('a man on a fire truck', 0.9, { truck: 0.1 })]);
    expect(fire.get('fire truck')).toBeCloseTo(truck.get('fire truck') ?? 0, 9);
    const plural = names([captionOf('two dogs run', 0.9, { dogs: 0.3, run: 0.4 })]);
    const single = names([captionOf('a dog running', 0.9, { dog: 0.3, running: 0.4 })]);
    expect([...plural]).toEqual([...single]);
  });

  it('are never told by captions that the model is not sure of', () => {
    expect([...names([captionOf('a dog', 0.4)], seen(['bus', 0.9])).keys()]).toEqual(['bus']);
  });

  it('take the surest witness, whether it says puppy or dog', () => {
    const both = names([captionOf('a puppy', 0.6)], seen(['dog', 0.93]));
    expect([...both]).toEqual([['dog', 0.93]]);
  });

  it('leave out class words that say less than another name, and those that are no things', () => {
    const words = seen(['animal', 0.99], ['hair', 0.99], ['bus', 0.8], ['vehicle', 0.9]);
    expect([...names([captionOf('a dog', 0.9)], words).keys()]).toEqual(['dog', 'bus']);
    expect([...names([captionOf('an animal', 0.9)], seen(['dog', 0.9])).keys()]).toEqual(['animal', 'dog']);
    expect([...names([], seen(['animal', 0.9])).keys()]).toEqual(['animal']);
  });

  it('take a bike for a bicycle, but beside a motorcycle for that', () => {
    const caption = captionOf('a man on a bike', 0.9);
    expect([...names([caption]).keys()]).toEqual(['man', 'bicycle']);
    expect([...names([caption], seen(['motorcycle', 0.7])).keys()]).toEqual(['man', 'motorcycle']);
  });
});

test.each([
  ['puppy', 'dog'],
  ['ocean', 'sea'],
  ['policeman', 'police officer'],
  ['leaping', 'jumping'],
  ['terrier', 'terrier'],
  ['constructor', 'constructor'],
])('%s is tagged as %s', (word, name) => {
  expect(tagName(word)).toBe(name);
});

test('a narrower name says it better, a wider one or itself does not', () => {
  expect(isSaidBetter('animal', ['dog'])).toBe(true);
  expect(isSaidBetter('dog', ['animal', 'dog'])).toBe(false);
  expect(isSaidBetter('person', ['police officer'])).toBe(true);
});
