import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { documentOf, type Moment, type SearchDocument } from '../../src/search/document.ts';
import { openSearchIndex } from '../../src/search/search-index.ts';
import type { SearchOptions } from '../../src/search/searcher.ts';
import { exampleResult } from '../render/example-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'framescribe-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function newIndex(...documents: readonly SearchDocument[]) {
  const index = openSearchIndex(join(folder, `${++files}.sqlite`));
  index.put(documents);
  return index;
}

function video(name: string, captions: readonly string[], tags: readonly string[] = []): SearchDocument {
  const moments = captions.map((text, index): Moment => {
    return { keyframe: `k000${index + 1}`, timeMs: index * 1000, text, confidence: 0.9 - index / 10 };
  });
  return {
    ...{ name, revision: '1', source: `${name}.mp4`, durationMs: 60_000, summary: '', model: 'example 1.0.0', moments },
    ...{ shots: 1, keyframes: captions.length, picture: null, endedMs: null, labels: {} },
    tags: tags.map((tag) => ({ name: tag, confidence: 0.8, instances: [{ startMs: 0, endMs: 60_000 }] })),
  };
}

const beach = video('beach', ['two dogs running on a beach', 'a red car is parked near the sea'], ['dog', 'car']);
const snow = video('snow', ['a man is skiing', 'a dog plays in the snow'], ['man']);
const city = video('city', ['a woman in a red coat', 'a car on a street'], ['woman', 'car']);

const namesOf = (hits: readonly { readonly name: string }[]) => hits.map(({ name }) => name);

describe('a search', () => {
  test.each([
    ['dog', ['beach', 'snow']],
    ['Dogs', ['beach', 'snow']],
    ['run', ['beach']],
    ['skiing dog', ['snow']],
    ['"red car"', ['beach']],
    ['"beach a red"', []],
    ['car -dog', ['city']],
    ['car -"red car"', ['city']],
    ['elephant', []],
    ['OR', []],
    ['"unfinished', []],
    ['a* NEAR(dog, 3) col:x ^(', []],
  ])('for %s finds %j', (words, names) => {
    using index = newIndex(beach, snow, city);
    expect(namesOf(index.search(words)).sort()).toEqual(names);
  });

  test('tells the time and the keyframe where it is seen, best first', () => {
    using index = newIndex(beach, snow, city);
    expect(index.search('dog beach')[0]?.moments[0]).toEqual(beach.moments[0]);
    expect(index.search('parked')[0]?.moments).toEqual([beach.moments[1]]);
  });

  test('puts a video that has it as a tag before one that only mentions it', () => {
    using index = newIndex(beach, snow);
    expect(namesOf(index.search('dog'))).toEqual(['beach', 'snow']);
  });

  test('takes tags as a filter, with or without words', () => {
    using index = newIndex(beach, snow, city);
    expect(namesOf(index.search('red', { tags: ['car', 'dog'] }))).toEqual(['beach']);
    expect(namesOf(index.search('', { tags: ['Car'] })).sort()).toEqual(['beach', 'city']);
    expect(index.search('', { tags: ['car'], minConfidence: 0.81 })).toEqual([]);
  });

  test('takes labels and dates as filters, with or without words or tags', () => {
    const [may, june] = [Date.parse('2026-05-01'), Date.parse('2026-06-01')];
    using index = newIndex(
      { ...beach, labels: { series: 'news', year: '1999' }, endedMs: may },
      { ...snow, labels: { series: 'news' }, endedMs: june },
      city,
    );
    const found = (words: string, options: SearchOptions) => namesOf(index.search(words, options)).sort();
    expect(found('dog', { labels: { series: 'news' } })).toEqual(['beach', 'snow']);
    expect(found('', { labels: { series: 'news', year: '1999' } })).toEqual(['beach']);
    expect(found('', { labels: { series: 'new' } })).toEqual([]);
    expect(found('', { tags: ['car'], labels: { year: '1999' } })).toEqual(['beach']);
    expect(found('', { sinceMs: june })).toEqual(['snow']);
    expect(found('', { sinceMs: may + 1 })).toEqual(['snow']);
    expect(found('dog', { untilMs: may + 1 })).toEqual(['beach']);
    expect(found('dog', { untilMs: june })).toEqual(['beach']);
    expect(found('', { tags: ['car'], sinceMs: may, untilMs: june })).toEqual(['beach']);
    expect(index.search('skiing')[0]).toMatchObject({ labels: { series: 'news' }, endedMs: june });
    index.put([{ ...snow, labels: {} }]);
    expect(found('', { labels: { series: 'news' } })).toEqual(['beach']);
  });

  test('shows nothing below the least confidence', () => {
    using index = newIndex(beach);
    expect(index.search('parked', { minConfidence: 0.8 })[0]?.moments).toEqual([beach.moments[1]]);
    expect(index.search('parked', { minConfidence: 0.81 })).toEqual([]);
  });

  test('gives as many as it was asked for', () => {
    using index = newIndex(...Array.from({ length: 30 }, (_, at) => video(`clip-${at}`, ['a dog'])));
    expect(index.search('dog')).toHaveLength(20);
    expect(index.search('dog', { limit: 3 })).toHaveLength(3);
  });

  test('refuses words to leave out alone', () => {
    using index = newIndex(beach);
    expect(() => index.search('-dog')).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('takes any text, and only answers', () => {
    using index = newIndex(beach, snow, city);
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.constantFrom('"', '-', 'dog', '*', '(', ' ')));
    fc.assert(
      fc.property(anything, (input) => {
        const words = Array.isArray(input) ? input.join('') : input;
        try {
          return index.search(words).length <= 3 && index.search('', { tags: [words, 'no such tag'] }).length === 0;
        } catch (error) {
          return (error as { code?: string }).code === 'USAGE';
        }
      }),
    );
  });
});

describe('an index', () => {
  test('replaces a video that is put again, and forgets one that is removed', () => {
    using index = newIndex(beach, snow);
    index.put([{ ...video('beach', ['an empty beach']), revision: '2' }]);
    expect(namesOf(index.search('dog'))).toEqual(['snow']);
    expect(index.search('', { tags: ['dog'] })).toEqual([]);
    index.remove(['snow', 'never there']);
    expect(index.search('dog')).toEqual([]);
    expect([...index.revisions()]).toEqual([['beach', '2']]);
  });

  test('stays in its file', () => {
    const file = join(folder, 'kept.sqlite');
    {
      using index = openSearchIndex(file);
      index.put([beach]);
    }
    using index = openSearchIndex(file);
    expect(namesOf(index.search('dogs'))).toEqual(['beach']);
  });

  test('is refused where the file is something else', () => {
    const file = join(folder, 'letter.txt');
    writeFileSync(file, 'Dear index, '.repeat(1000));
    expect(() => openSearchIndex(file)).toThrow(expect.objectContaining({ code: 'SEARCH_INDEX_UNUSABLE' }));
  });

  test('knows a result by its sure captions and its tags', () => {
    const result = exampleResult();
    const document = documentOf('example', 'r1', result);
    const unsure = result.keyframes.flatMap(({ captions }) => captions.slice(0, 1)).filter((each) => each.uncertain);
    expect(unsure.length).toBeGreaterThan(0);
    for (const { text } of unsure) expect(document.moments.map((moment) => moment.text)).not.toContain(text);
    using index = newIndex(document);
    for (const { name } of result.tags) expect(namesOf(index.search(name))).toEqual(['example']);
  });
});
