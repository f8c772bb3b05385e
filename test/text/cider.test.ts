import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ciderD, ngramStatistics, ngramVector } from '../../src/text/cider.ts';

const words = (text: string) => text.split(' ').filter((word) => word !== '');

const PICTURES = [
  ['a dog runs in the grass', 'a brown dog is running on grass'],
  ['a man rides a bike', 'a cyclist on the road'],
  ['two children play in the water', 'kids are swimming'],
].map((captions) => captions.map(words));
const statistics = ngramStatistics(PICTURES);
const vector = (text: string) => ngramVector(words(text), statistics);

describe('CIDEr-D', () => {
  it('gives 10 to the words of the reference itself, and 0 to others', () => {
    expect(ciderD(vector('a dog runs in the grass'), [vector('a dog runs in the grass')])).toBeCloseTo(10, 9);
    expect(ciderD(vector('kids are swimming'), [vector('a man rides a bike')])).toBe(0);
  });

  // Worked out by hand: of two one-word pictures each word has idf ln 2, so “dog cat” against “dog” has the cosine
  // 1/√2 for n = 1 and none above, and is one word longer: exp(−1/72).
  it('agrees with the formula of the paper', () => {
    const two = ngramStatistics([[['dog']], [['cat']]]);
    const score = ciderD(ngramVector(['dog', 'cat'], two), [ngramVector(['dog'], two)]);
    expect(score).toBeCloseTo((10 * Math.exp(-1 / 72)) / Math.SQRT2 / 4, 12);
  });

  it('counts a repeated word no more often than the reference has it', () => {
    const two = ngramStatistics([[['dog']], [['cat']]]);
    const reference = [ngramVector(['dog'], two)];
    const stuttered = ciderD(ngramVector(['dog', 'dog'], two), reference);
    // min(2 ln 2, ln 2) · ln 2 / (2 ln 2 · ln 2) = 1/2
    expect(stuttered).toBeCloseTo((10 * Math.exp(-1 / 72)) / 2 / 4, 12);
  });

  it('takes the mean over the references', () => {
    const candidate = vector('a dog runs in the grass');
    const [one, other] = [vector('a brown dog is running on grass'), vector('a dog runs in the grass')];
    const mean = (ciderD(candidate, [one]) + ciderD(candidate, [other])) / 2;
    expect(ciderD(candidate, [one, other])).toBeCloseTo(mean, 12);
    expect(ciderD(candidate, [])).toBe(0);
  });

  it('stays between 0 and 10 for any words', () => {
    const anyWords = fc.array(fc.constantFrom('a', 'dog', 'man', 'runs', 'bike', 'xylophone'), { maxLength: 12 });
    fc.assert(
      fc.property(anyWords, fc.array(anyWords, { maxLength: 4 }), (candidate, references) => {
        const score = ciderD(
          ngramVector(candidate, statistics),
          references.map((reference) => ngramVector(reference, statistics)),
        );
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(10 + 1e-9);
      }),
    );
  });
});
