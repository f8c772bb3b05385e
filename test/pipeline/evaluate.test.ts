import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../src/caption/bundle.ts';
import { type Captioner, openCaptioner } from '../../src/caption/captioner.ts';
import { type EvaluationPlan, evaluate } from '../../src/pipeline/evaluate.ts';
import { plain } from '../caption/pictures.ts';
import { temporaryFolder, writtenBundle } from '../caption/temporary.ts';
import { tinyFilesWithWords } from '../caption/tiny-bundle.ts';

const home = temporaryFolder();
const bundle = await loadBundle(writtenBundle(home, 'lstm', tinyFilesWithWords('lstm')));
const images = join(home, 'images');
mkdirSync(images);
const COLOURS = { red: '#f00', green: '#0f0', blue: '#00f', other: '#00e' };
for (const [name, colour] of Object.entries(COLOURS)) writeFileSync(join(images, `${name}.jpg`), await plain(colour));

const CAPTIONS = `image,caption
red.jpg,A red fire
red.jpg,There is a fire
green.jpg,A field of grass
green.jpg,Green meadows
blue.jpg,The blue ocean
blue.jpg,A boat at sea
other.jpg,A wall
`;

function fileOf(content: string): string {
  const path = join(mkdtempSync(join(home, 'file-')), 'file');
  writeFileSync(path, content);
  return path;
}

function planOf(changes: Partial<EvaluationPlan> = {}): EvaluationPlan {
  return {
    ...{ images, captions: fileOf(CAPTIONS), list: fileOf('red.jpg\ngreen.jpg\nblue.jpg\n') },
    ...{ trainingCaptions: null, trainingList: null, nouns: [] },
    ...changes,
  };
}

async function withCaptioner<T>(work: (captioner: Captioner) => Promise<T>): Promise<T> {
  await using captioner = await openCaptioner(bundle, { threads: 1, batch: 4, beam: 0, nBest: 3, attention: false });
  return await work(captioner);
}

const evaluated = (plan: EvaluationPlan) =>
  withCaptioner((captioner) => evaluate(captioner, bundle.classWords ?? [], plan, new AbortController().signal));

describe('an evaluation', () => {
  test('scores the captions of the listed pictures', async () => {
    const { scores, captions } = await evaluated(planOf());
    expect(captions.map(({ image, caption }) => [image, caption])).toEqual([
      ['blue.jpg', 'a blue sea'],
      ['green.jpg', 'a green field'],
      ['red.jpg', 'a red fire'],
    ]);
    // Each word is in some reference, “a blue” and “a green” are in none.
    expect(scores.bleu1).toBeCloseTo(1, 12);
    expect(scores.bleu2).toBeLessThan(1);
    expect(scores).toMatchObject({ pictures: 3, vocabulary: 7, length: 3, novel: null });
    expect(scores.picturesPerSecond).toBeGreaterThan(0);
  });

  test('finds class words and nouns where references name them, in other forms too', async () => {
    const { classWords, nouns } = await evaluated(planOf({ nouns: ['seas', 'meadow', 'fire'] }));
    const counts = classWords.map(({ word, shown, named, both, f1 }) => [word, shown, named, both, f1]);
    expect(counts).toEqual([
      ['fire', 1, 1, 1, 1],
      ['meadow', 1, 1, 1, 1],
      ['sea', 1, 1, 1, 1],
    ]);
    expect(nouns.map(({ word, shown, named, both, recall }) => [word, shown, named, both, recall])).toEqual([
      ['seas', 1, 1, 1, 1],
      ['meadow', 1, 0, 0, 0],
      ['fire', 1, 1, 1, 1],
    ]);
  });

  test('tells how often tags are right by their confidence', async () => {
    const { tagReliability, captionReliability } = await evaluated(planOf());
    expect(tagReliability.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(3);
    expect(captionReliability.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    // Class words say sea, meadow and fire of the right pictures, and are sure of it.
    expect(tagReliability.at(-1)).toMatchObject({ right: 1 });
  });

  test('calls a caption novel that no picture of the training has, those evaluated aside', async () => {
    const training = fileOf('image,caption\na.jpg,A red fire!\nb.jpg,a green field\nred.jpg,a blue sea\n');
    expect((await evaluated(planOf({ trainingCaptions: training }))).scores.novel).toBeCloseTo(1 / 3, 12);
    const listed = planOf({ trainingCaptions: training, trainingList: fileOf('a.jpg') });
    expect((await evaluated(listed)).scores.novel).toBeCloseTo(2 / 3, 12);
  });

  test.each([
    ['captions that are not there', { captions: '/nowhere.csv' }, /nowhere\.csv: ENOENT/],
    ['a list that is not there', { list: '/nowhere.txt' }, /nowhere\.txt: ENOENT/],
    ['a list of other pictures', { list: fileOf('red.png\n') }, /found none; its first line is “red\.png”/],
    ['a folder without the pictures', { images: home }, /Expected the picture (red|green|blue)\.jpg, which .* ENOENT/],
    ['training captions that are none', { trainingCaptions: fileOf('{') }, /COCO JSON/],
  ])('refuses %s', async (_, changes, message) => {
    await expect(evaluated(planOf(changes))).rejects.toMatchObject({
      code: 'CAPTIONS_INVALID',
      message: expect.stringMatching(message),
    });
  });
});
