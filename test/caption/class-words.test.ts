import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Bundle, loadBundle } from '../../src/caption/bundle.ts';
import { openCaptioner } from '../../src/caption/captioner.ts';
import { type ClassWord, seenWords, surprises, unsupported, wordToName } from '../../src/caption/class-words.ts';
import { createDescriber } from '../../src/caption/describer.ts';
import type { Manifest } from '../../src/caption/manifest.ts';
import { openNetwork } from '../../src/caption/network.ts';
import { parseClassWords } from '../../src/caption/parse-class-words.ts';
import { verifyBundle } from '../../src/caption/verify.ts';
import { paint, plain } from './pictures.ts';
import { temporaryFolder, tinyBundle, writtenBundle } from './temporary.ts';
import { CLASS_WORDS, tinyFiles, tinyFilesWithWords, tinyManifest, WORDS, writeBundle } from './tiny-bundle.ts';

const home = temporaryFolder();
const settings = { batch: 4, beam: 0, nBest: 3, attention: false };

describe('a bundle with class words', () => {
  test('is loaded with them, one without has none', async () => {
    const bundle = await loadBundle(writtenBundle(home, 'lstm', tinyFilesWithWords('lstm')));
    expect(bundle.classWords).toEqual(CLASS_WORDS.map(silent));
    expect((await loadBundle(tinyBundle(home))).classWords).toBeNull();
  });

  test('is sound', async () => {
    await expect(verifyBundle(writtenBundle(home, 'gru', tinyFilesWithWords('gru')))).resolves.toMatchObject({
      files: 4,
      classWords: 4,
    });
  });

  test.each([
    ['no JSON', '{"words": [', /Expected in words\.json JSON/],
    ['a bare list', '[]', /a list of words with thresholds/],
    ['no word', '{"words": []}', /words/],
    ['a threshold above 1', '{"words": [{"word": "dog", "threshold": 1.5}]}', /threshold/],
    ['a threshold of 0', '{"words": [{"word": "dog", "threshold": 0}]}', /threshold/],
    ['no threshold', '{"words": [{"word": "dog"}]}', /threshold/],
    ['a capital', '{"words": [{"word": "Dog", "threshold": 0.5}]}', /lower-case/],
    ['an escape sequence', '{"words": [{"word": "do\\u001b[2Jg", "threshold": 0.5}]}', /lower-case/],
    ['two spaces', '{"words": [{"word": "hot  dog", "threshold": 0.5}]}', /lower-case/],
    ['a form that no caption has', formed({ forms: [{ form: 'horse' }] }), /words of the vocabulary alone.*“horse”/],
    ['a place that it lacks', formed({ forms: [{ form: 'sea', place: 1 }] }), /a place below 1 for “sea”, got 1/],
    ['nothing to name a word by', formed({ sayFrom: 0.5 }), /forms by which captions can name “dog”/],
    [
      'a thing that no caption has',
      JSON.stringify({ words: CLASS_WORDS, things: [{ forms: ['horse'], words: [] }] }),
      /“horse”/,
    ],
    [
      'a stranger that speaks for a thing',
      JSON.stringify({ words: CLASS_WORDS, things: [{ forms: ['sea'], words: ['boat'] }] }),
      /class words alone to speak for “sea”, got “boat”/,
    ],
    [
      'a kind that the encoder doesn’t judge',
      JSON.stringify({ words: CLASS_WORDS, things: [{ forms: ['sea'], words: [], kinds: ['any boat'] }] }),
      /class words alone to speak for “sea”, got “any boat”/,
    ],
    ['a certainty above 1', formed({ sayFrom: 2, forms: [{ form: 'sea' }] }), /sayFrom/],
    ['an unknown field', '{"words": [{"word": "dog", "threshold": 0.5, "id": 3}]}', /id/],
  ])('is refused where words.json has %s', async (_, content, message) => {
    const files = { ...tinyFilesWithWords('lstm'), 'words.json': Buffer.from(content) };
    await expect(loadBundle(writtenBundle(home, 'lstm', files))).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('is refused where a word comes twice', () => {
    const words = [...CLASS_WORDS, { word: 'sea', threshold: null }];
    const bytes = Buffer.from(JSON.stringify({ words }));
    expect(() => parseClassWords(bytes, 'words.json', WORDS)).toThrow('each word once, “sea” is at 2 and 4');
  });

  test('is refused where its list is not as long as the output', async () => {
    const files = tinyFilesWithWords('lstm', CLASS_WORDS.slice(1));
    await expect(verifyBundle(writtenBundle(home, 'lstm', files))).rejects.toThrow(
      'expected output classes float32 [any,3], got classes float32 [N,4]',
    );
  });

  test('is refused where the graph lacks the output', async () => {
    const files = { ...tinyFiles('lstm'), 'words.json': tinyFilesWithWords('lstm')['words.json'] };
    await expect(verifyBundle(writtenBundle(home, 'lstm', files))).rejects.toThrow(
      'expected output classes float32 [any,4], got none',
    );
  });

  test.each([
    ['an output that is another one too', { output: 'features', file: 'words.json' }, /different names/],
    ['a file that is not listed', { output: 'classes', file: 'nouns.json' }, /nouns\.json among them/],
    ['a file elsewhere', { output: 'classes', file: '../words.json' }, /plain file name/],
  ])('is refused where the manifest names %s', async (_, words, message) => {
    const files = tinyFilesWithWords('lstm');
    const folder = mkdtempSync(join(home, 'manifest-'));
    writeBundle(folder, files, { ...tinyManifest('lstm', files), words });
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

test('a confidence by agreement needs class words', async () => {
  const files = tinyFiles('lstm');
  const folder = mkdtempSync(join(home, 'manifest-'));
  const weights = { constant: 0, meanLogProbability: 1, named: 1, unnamed: 0 };
  const confidence = { statistic: 'agreement', weights, uncertainBelow: 0.5 };
  writeBundle(folder, files, { ...tinyManifest('lstm', files), confidence });
  await expect(loadBundle(folder)).rejects.toThrow('Expected class words');
});

test('a confidence tells foreign pictures by class words alone', async () => {
  const files = tinyFilesWithWords('lstm');
  const folder = mkdtempSync(join(home, 'manifest-'));
  const weights = { constant: 0, meanLogProbability: 1, named: 1, unnamed: 0, foreign: -1 };
  const write = (word: string) =>
    writeBundle(folder, files, {
      ...tinyManifest('lstm', files),
      confidence: {
        ...{ statistic: 'agreement', weights, uncertainBelow: 0.5 },
        foreign: { constant: 0, words: { [word]: 0.2 }, fillers: [] },
      },
    });
  write(CLASS_WORDS[0]?.word ?? '');
  await expect(loadBundle(folder)).resolves.toBeDefined();
  write('nonesuch');
  await expect(loadBundle(folder)).rejects.toThrow('nonesuch');
});

describe('a word that a caption has to name', () => {
  const [fire, sea, wall] = ['fire', 'sea', 'wall'].map((word) => WORDS.indexOf(word as 'sea')) as [
    number,
    number,
    number,
  ];
  const support = new Map([[wall, [2]]]);
  const words: readonly ClassWord[] = [
    { word: 'fire', threshold: null, sayFrom: 0.5, ifSurer: false, forms: new Map([[fire, [sea]]]) },
    { word: 'sea', threshold: 0.5, sayFrom: 0.8, ifSurer: true, forms: new Map([[sea, []]]) },
    silent({ word: 'meadow', threshold: 0.1 }),
  ];

  test.each([
    ['the surest that it leaves out', [0.7, 0.9, 1], [], sea],
    ['not one that it names', [0.7, 0.9, 1], [4, sea], fire],
    ['none that is less sure than it has to be', [0.49, 0.79, 1], [], null],
    ['the first of two that are as sure', [0.9, 0.9, 1], [], fire],
    ['not one that is less sure than the main thing', [0, 0.89, 0.9], [wall], null],
    ['one that is surer than the main thing', [0, 0.91, 0.9], [wall], sea],
    ['the less sure of two, if the other has to be surer', [0.6, 0.89, 0.9], [wall], fire],
    ['none where it names all', [0.9, 0.9, 1], [fire, sea], null],
  ])('is %s', (_, probabilities, ids, expected) => {
    const wanted = wordToName({ classWords: words, support }, Float32Array.from(probabilities), ids);
    expect(wanted && [...wanted.keys()]).toEqual(expected === null ? null : [expected]);
  });

  test('is named, where a word like it would stand, and only where it is seen', async () => {
    const content = {
      words: CLASS_WORDS.map((one) =>
        one.word === 'meadow' ? { ...one, sayFrom: 0.7, forms: [{ form: 'wall', place: 0 }] } : one,
      ),
      places: [['field', 'sea']],
    };
    const files = { ...tinyFilesWithWords('lstm'), 'words.json': Buffer.from(JSON.stringify(content)) };
    const folder = writtenBundle(home, 'lstm', files);
    await expect(verifyBundle(folder)).resolves.toMatchObject({ classWords: 4 });
    await using captioner = await openCaptioner(await loadBundle(folder), { ...settings, threads: 1, attention: true });
    const pictures = await Promise.all(['#0f0', '#00f', '#0f0'].map((colour) => plain(colour)));
    const described = await captioner.caption(pictures);
    expect(described.map(({ captions: [best] }) => best?.text)).toEqual(['a green wall', 'a blue sea', 'a green wall']);
    expect(described[0]?.captions.every(({ text }) => text.includes('wall'))).toBe(true);
    expect(described[0]?.attention?.map(({ word }) => word)).toEqual(['a', 'green', 'wall']);
    expect(await captioner.caption(pictures.slice(0, 1))).toEqual([described[0]]);
  });
});

test('a thing’s support is what its kinds have, where they are told, and its words speak for it all the same', () => {
  const things = [
    { forms: ['sea'], words: ['fire', 'fire engine'], kinds: ['meadow'], usual: 0.5 },
    { forms: ['field', 'wall'], words: ['fire'] },
  ];
  const bytes = Buffer.from(JSON.stringify({ words: CLASS_WORDS, things }));
  const parsed = parseClassWords(bytes, 'words.json', WORDS);
  const [sea, field, wall] = ['sea', 'field', 'wall'].map((word) => WORDS.indexOf(word as 'sea'));
  expect([...parsed.things]).toEqual([
    [sea, [0, 3]],
    [field, [0]],
    [wall, [0]],
  ]);
  expect([...parsed.support]).toEqual([
    [sea, [1]],
    [field, [0]],
    [wall, [0]],
  ]);
});

test('things without support are those for which all that speaks is unlikely', () => {
  const support = new Map([
    [10, [0, 1]],
    [11, [2]],
    [12, []],
  ]);
  const probabilities = Float32Array.of(0.125, 0.125, 0.125);
  expect([...unsupported(support, probabilities, 0.2)]).toEqual([11]);
  expect([...unsupported(support, probabilities, 0.25)]).toEqual([10, 11]);
  expect([...unsupported(support, probabilities, 0.125)]).toEqual([]);
});

test('a thing is the more surprising the more its support is above what is usual', () => {
  const support = new Map([
    [10, [0]],
    [11, [1]],
    [12, [2]],
    [13, []],
    [14, [0]],
  ]);
  const usual = new Map([10, 11, 12, 13].map((id) => [id, 0.5]));
  const found = surprises({ support, usual }, Float32Array.of(0.75, 0, 1));
  expect(found.get(10)).toBeCloseTo(Math.log(3), 6);
  expect([11, 12, 13, 14].map((id) => found.get(id))).toEqual([-3, 6, 0, 0]);
});

describe('a thing that the class words contradict', () => {
  const weights = { constant: 0, meanLogProbability: 1, named: 1, unnamed: 0 };

  /** Of a green picture, where the class word “meadow” is seen and “fire” isn't, of which either may speak for a field. */
  async function bestCaption(speaks: string, changes: Partial<Manifest['decoding']>, constant = 0) {
    const things = [{ forms: ['field'], words: [speaks], usual: 0.5 }];
    const files = {
      ...tinyFilesWithWords('lstm'),
      'words.json': Buffer.from(JSON.stringify({ words: CLASS_WORDS, things })),
    };
    const folder = mkdtempSync(join(home, 'contradicted-'));
    const made = tinyManifest('lstm', files);
    const foreign = { constant, words: {}, fillers: [] };
    const confidence = { statistic: 'agreement', weights, foreign, uncertainBelow: 0.5 };
    writeBundle(folder, files, { ...made, confidence, decoding: { ...made.decoding, ...changes } });
    const bundle = await loadBundle(folder);
    const network = await openNetwork(bundle);
    const [one] = await createDescriber(bundle, network, settings)([await plain('#0f0')]);
    await network.close();
    if (one === undefined || one instanceof Error) throw one;
    return one.captions[0]?.text;
  }

  test('is in no caption', async () => {
    const leastSupport = { home: 0.5, foreign: 0.5 };
    expect(await bestCaption('fire', { leastSupport })).not.toContain('field');
    expect(await bestCaption('meadow', { leastSupport })).toBe('a green field');
  });

  test('may be one on a foreign picture alone', async () => {
    const leastSupport = { home: 0, foreign: 0.5 };
    expect(await bestCaption('fire', { leastSupport }, -20)).toBe('a green field');
    expect(await bestCaption('fire', { leastSupport }, 20)).not.toContain('field');
  });

  test('is the main thing of a foreign picture only where all else is worse', async () => {
    expect(await bestCaption('fire', { foreignGain: 5 }, -20)).toBe('a green field');
    expect(await bestCaption('fire', { foreignGain: 5 }, 20)).not.toBe('a green field');
    expect(await bestCaption('meadow', { foreignGain: 0.5 }, 20)).toBe('a green field');
  });

  test('needs class words', async () => {
    const files = tinyFiles('lstm');
    const folder = mkdtempSync(join(home, 'contradicted-'));
    const made = tinyManifest('lstm', files);
    const leastSupport = { home: 0.1, foreign: 0.3 };
    writeBundle(folder, files, { ...made, decoding: { ...made.decoding, leastSupport } });
    await expect(loadBundle(folder)).rejects.toThrow('Expected class words');
  });
});

describe('words seen in a picture', () => {
  test('are those over their threshold, surest first', () => {
    const words = ['b', 'a', 'c', 'd', 'e'].map((word, index) => silent({ word, threshold: index === 4 ? null : 0.5 }));
    expect(seenWords(words, Float32Array.of(0.5, 0.5, 0.49, 0.98765, 1))).toEqual([
      { word: 'd', confidence: 0.988 },
      { word: 'a', confidence: 0.5 },
      { word: 'b', confidence: 0.5 },
    ]);
  });

  test('are twenty at most', () => {
    const words = Array.from({ length: 30 }, (_, index) => silent({ word: `w${index}`, threshold: 0.1 }));
    expect(seenWords(words, new Float32Array(30).fill(0.9))).toHaveLength(20);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, -0.1])('are none where the number is %d', (number) => {
    expect(() => seenWords([silent({ word: 'dog', threshold: 0.5 })], Float32Array.of(number))).toThrow(
      expect.objectContaining({ code: 'INFERENCE_FAILED', message: expect.stringContaining('“dog”') }),
    );
  });

  test('come with the captions, in order, and null from a bundle that looks for none', async () => {
    const bundle = await loadBundle(writtenBundle(home, 'lstm', tinyFilesWithWords('lstm')));
    await using captioner = await openCaptioner(bundle, { ...settings, threads: 1 });
    const pictures = await Promise.all(['#f00', '#0f0', '#00f', '#000'].map((colour) => plain(colour)));
    const described = await captioner.caption(pictures);
    expect(described.map(({ words }) => words?.map(({ word }) => word))).toEqual([['fire'], ['meadow'], ['sea'], []]);
    for (const { words } of described) {
      for (const { confidence } of words ?? []) expect(confidence).toBeGreaterThan(0.9);
    }
    await using silent = await openCaptioner(await loadBundle(tinyBundle(home)), { ...settings, threads: 1 });
    const [one] = await silent.caption(pictures.slice(0, 1));
    expect(one?.words).toBeNull();
  });

  test('are the same in any company', async () => {
    const bundle = await loadBundle(writtenBundle(home, 'rnn', tinyFilesWithWords('rnn')));
    const pictures = await paint(9);
    const together = await describeAll(bundle, pictures, 9);
    expect(await describeAll(bundle, pictures, 1)).toEqual(together);
    expect(await describeAll(bundle, pictures, 4)).toEqual(together);
    expect(new Set(together).size).toBeGreaterThan(1);
  });
});

/** A class word that captions may leave out. */
function silent(one: { readonly word: string; readonly threshold: number | null }): ClassWord {
  return { ...one, sayFrom: null, ifSurer: false, forms: new Map() };
}

/** A words.json whose only word has more to it. */
function formed(more: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ words: [{ word: 'dog', threshold: 0.5, ...more }], places: [['sea', 'field']] });
}

async function describeAll(bundle: Bundle, pictures: readonly Buffer[], batch: number): Promise<readonly string[]> {
  const network = await openNetwork(bundle);
  const describePictures = createDescriber(bundle, network, { ...settings, batch });
  const all: string[] = [];
  for (let from = 0; from < pictures.length; from += batch) {
    for (const one of await describePictures(pictures.slice(from, from + batch))) {
      all.push(one instanceof Error ? one.message : JSON.stringify(one.words));
    }
  }
  await network.close();
  return all;
}
