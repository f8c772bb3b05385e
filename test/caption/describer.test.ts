import '../../src/caption/no-telemetry.ts';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beamSearch, type Hypothesis, plainTasks } from '../../src/caption/beam.ts';
import { type Bundle, loadBundle } from '../../src/caption/bundle.ts';
import { createDecoder, createEncoder } from '../../src/caption/decode.ts';
import { beamOptions, createDescriber } from '../../src/caption/describer.ts';
import { type Network, openNetwork } from '../../src/caption/network.ts';
import { createPictureReader } from '../../src/caption/picture.ts';
import { paint, plain } from './pictures.ts';
import { temporaryFolder, tinyBundle, writtenBundle } from './temporary.ts';
import { CELLS, tinyFilesWithWords } from './tiny-bundle.ts';

const home = temporaryFolder();
const models = new URL('../../models/', import.meta.url).pathname;
const shipped = readdirSync(models).filter((name) => existsSync(join(models, name, 'bundle.json')));
const settings = { batch: 16, beam: 0, nBest: 3, attention: true };

const bundles: readonly (readonly [name: string, folder: string])[] = [
  ...CELLS.map((cell) => [`tiny-${cell}`, tinyBundle(home, cell)] as const),
  ['tiny-lstm with class words', writtenBundle(home, 'lstm', tinyFilesWithWords('lstm'))],
  ...shipped.map((name) => [name, join(models, name)] as const),
];
if (shipped.length === 0) console.log('No bundle in models/: the same bits are checked with the tiny ones only');

describe.each(bundles)('captioning with %s', (_, folder) => {
  let bundle: Bundle;
  let network: Network;
  let pictures: readonly Buffer[];
  beforeAll(async () => {
    bundle = await loadBundle(folder);
    network = await openNetwork(bundle);
    pictures = await paint(16);
  });
  afterAll(() => network.close());

  /** The unrounded hypotheses of pictures that are captioned together. */
  async function search(which: readonly number[], beam = 0): Promise<readonly (readonly Hypothesis[])[]> {
    const { manifest } = bundle;
    const { images, encode } = createEncoder(network, bundle, which.length);
    const read = createPictureReader(manifest.input);
    const size = 3 * manifest.input.width * manifest.input.height;
    for (const [at, picture] of which.entries()) {
      await read(pictures[picture] as Buffer, images.subarray(at * size, (at + 1) * size));
    }
    const options = beamOptions(bundle, { ...settings, beam });
    const decode = createDecoder(network, manifest, which.length * options.beam);
    return beamSearch(plainTasks(which.length), options, decode(await encode(which.length)));
  }

  /** Everything but the rows, which say where in the batch a hypothesis was. */
  const bits = (group: readonly Hypothesis[] | undefined) => group?.map(({ rows, ...rest }) => rest);

  test('gives a picture the same bits alone, among two and among sixteen, at any place', async () => {
    const all = pictures.map((_, index) => index);
    const together = await search(all);
    const backwards = await search(all.toReversed());
    for (const picture of [0, 7, 15]) {
      const expected = bits(together[picture]);
      expect(expected?.length).toBe(3);
      expect(bits((await search([picture]))[0])).toEqual(expected);
      expect(bits((await search([picture, 3]))[0])).toEqual(expected);
      expect(bits((await search([3, picture]))[1])).toEqual(expected);
      expect(bits((await search([1, 2, picture, 4, 5]))[2])).toEqual(expected);
      expect(bits(backwards[15 - picture])).toEqual(expected);
    }
  });

  test('gives the same bits at beam 1 for one picture and for sixteen', async () => {
    const together = await search(
      pictures.map((_, index) => index),
      1,
    );
    for (const picture of [0, 9]) expect(bits((await search([picture], 1))[0])).toEqual(bits(together[picture]));
  });

  test('tells log-probabilities that a decoder fed word by word gives, too', async () => {
    const { manifest, words } = bundle;
    const describePictures = createDescriber(bundle, network, settings);
    const [described] = await describePictures([pictures[4] as Buffer]);
    if (described === undefined || described instanceof Error) throw described;
    const { images, encode } = createEncoder(network, bundle, 1);
    await createPictureReader(manifest.input)(pictures[4] as Buffer, images.subarray(0, images.length / 2));
    const encoded = await encode(1);
    const { encoder, decoder, vocabulary } = manifest;
    for (const caption of described.captions) {
      let states: Readonly<Record<string, Tensor>> = Object.fromEntries(
        decoder.states.map(({ input, size }, index) => [
          input,
          new Tensor('float32', encoded.states[index] as Float32Array, [2, size]),
        ]),
      );
      let word = vocabulary.begin;
      for (const token of [...caption.tokens, null]) {
        const outputs = await network.decoder.run({
          ...states,
          [decoder.word]: new Tensor('int64', BigInt64Array.of(BigInt(word), BigInt(word)), [2]),
          [decoder.features]: new Tensor('float32', encoded.features, [2, encoder.regions, encoder.featureSize]),
        });
        word = token === null ? vocabulary.end : words.indexOf(token.word);
        const got = Number(outputs[decoder.logProbabilities]?.data[word]);
        const rest =
          caption.logProbability - caption.tokens.reduce((sum, { logProbability }) => sum + logProbability, 0);
        if (token !== null) expect(got).toBeCloseTo(token.logProbability, 3);
        else if (caption.tokens.length < manifest.decoding.maxLength) expect(got).toBeCloseTo(rest, 2);
        states = Object.fromEntries(decoder.states.map(({ input, output }) => [input, outputs[output] as Tensor]));
      }
    }
  });

  test('looks somewhere for each word, in the same place in any company', async () => {
    const describePictures = createDescriber(bundle, network, settings);
    const [rows, columns] = bundle.manifest.encoder.grid;
    const together = await describePictures(pictures);
    for (const one of together) {
      if (one instanceof Error) throw one;
      expect(one.attention?.map(({ word }) => word)).toEqual(one.captions[0]?.tokens.map(({ word }) => word));
      for (const grid of one.attention ?? []) {
        expect(grid).toMatchObject({ rows, columns });
        expect(grid.weights).toHaveLength(rows * columns);
        expect(grid.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 1);
      }
    }
    expect(await describePictures([pictures[6] as Buffer])).toEqual([together[6]]);
    const without = createDescriber(bundle, network, { ...settings, attention: false });
    expect(await without([pictures[6] as Buffer])).toEqual([{ ...together[6], attention: null }]);
  });
});

describe('captions of the tiny model', () => {
  test.each([
    ['#f00', 'a red fire'],
    ['#0f0', 'a green field'],
    ['#00f', 'a blue sea'],
  ])('say what colour %s is', async (colour, text) => {
    const bundle = await loadBundle(tinyBundle(home, 'lstm'));
    const network = await openNetwork(bundle);
    const [one] = await createDescriber(bundle, network, settings)([await plain(colour)]);
    if (one === undefined || one instanceof Error) throw one;
    expect(one.captions[0]).toMatchObject({ text, uncertain: false });
    expect(one.captions).toHaveLength(3);
    await network.close();
  });

  test.each([
    [0, 1, 1],
    [5, 4, 4],
    [2, 9, 2],
    [1, 1, 1],
  ])('with beam %i and the best %i are %i, never more than the beam is wide', async (beam, nBest, expected) => {
    const bundle = await loadBundle(tinyBundle(home, 'lstm'));
    const network = await openNetwork(bundle);
    const describePictures = createDescriber(bundle, network, { ...settings, beam, nBest });
    const [one] = await describePictures([await plain('#f00')]);
    if (one === undefined || one instanceof Error) throw one;
    expect(one.captions).toHaveLength(expected);
    expect(new Set(one.captions.map(({ text }) => text)).size).toBe(expected);
    await network.close();
  });

  test('fail for a picture that is none, and not for the others', async () => {
    const bundle = await loadBundle(tinyBundle(home, 'gru'));
    const network = await openNetwork(bundle);
    const red = await plain('#f00');
    const describePictures = createDescriber(bundle, network, { ...settings, attention: false });
    const described = await describePictures([red, Buffer.from('no picture'), join(home, 'nowhere.jpg'), red]);
    const [alone] = await describePictures([red]);
    expect(described).toEqual([
      alone,
      expect.objectContaining({ code: 'PICTURE_UNREADABLE' }),
      expect.objectContaining({ code: 'PICTURE_UNREADABLE', message: expect.stringContaining('nowhere.jpg') }),
      alone,
    ]);
    await network.close();
  });
});
