import { describe, expect, test } from 'vitest';
import { vocabulary, vocabularyDigest, widerThan } from '../../src/domain/vocabulary.ts';

const read = (content: object) => vocabulary.parse({ schema: 'framescribe/tags@1', ...content });

describe('a vocabulary', () => {
  test('has names in lower case, whatever is written', () => {
    expect(read({ synonyms: { ' Puppy': 'DOG' }, broader: { Dog: ['Animal'] }, blocked: ['Gun'] })).toMatchObject({
      synonyms: { puppy: 'dog' },
      broader: { dog: ['animal'] },
      blocked: ['gun'],
    });
  });

  test('tells all that is wider', () => {
    const { broader } = read({ broader: { dog: ['canine', 'pet'], canine: ['animal'], pet: ['animal'] } });
    expect(widerThan('dog', { broader })).toEqual(['canine', 'pet', 'animal']);
    expect(widerThan('constructor', { broader })).toEqual([]);
  });

  test('is the same in any order, and none where it says nothing', () => {
    const one = read({ synonyms: { a: 'b', c: 'd' }, blocked: ['x', 'y'] });
    const other = read({ synonyms: { c: 'd', a: 'b' }, blocked: ['y', 'x'] });
    expect(vocabularyDigest(one)).toBe(vocabularyDigest(other));
    expect(vocabularyDigest(one)).not.toBe(vocabularyDigest(read({ synonyms: { a: 'b' } })));
    expect(vocabularyDigest(read({}))).toBeNull();
  });

  test.each([
    [{ schema: 'framescribe/tags@2' }, 'schema'],
    [{ synonyms: { a: 'b', b: 'c' } }, 'b has a synonym itself'],
    [{ synonyms: { a: 'b' }, broader: { a: ['c'] } }, 'say what is wider than that'],
    [{ broader: { a: ['b'], b: ['c'], c: ['a'] } }, 'it is wider than itself'],
    [{ synonyms: { a: '' } }, 'synonyms'],
    [{ synonyms: { a: 7 } }, 'synonyms'],
    [{ synonyms: [] }, 'synonyms'],
    [{ blocked: ['a\nb'] }, 'control characters'],
    [{ blocked: ['x'.repeat(65)] }, 'blocked'],
    [{ blocked: Array.from({ length: 50_001 }, (_, at) => `n${at}`) }, 'at most 50000'],
    [{ synonym: {} }, 'synonym'],
  ])('refuses %j', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});
