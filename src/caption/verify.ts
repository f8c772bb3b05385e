import { FramescribeError } from '../domain/errors.ts';
import { type Bundle, loadBundle } from './bundle.ts';
import { createDecoder, createEncoder } from './decode.ts';
import { beamOptions } from './describer.ts';
import { type Network, openNetwork } from './network.ts';
import { rowsToSearch, searchCaptions } from './search.ts';

/** What a check of a bundle found out. */
export interface BundleFacts {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  /** Bytes of the two graphs, nearly all of which are parameters. */
  readonly graphBytes: number;
  readonly image: string;
  readonly features: string;
  readonly states: string;
  readonly words: number;
  readonly classWords: number;
  readonly loadMs: number;
  readonly captionMs: number;
}

const PICTURES = 4;
/** Differs from picture to picture and from pixel to pixel. */
const SPREAD = 2_654_435_761;

/**
 * Checks a bundle to the bottom: its manifest, files and graphs, then captions a few made-up pictures, and looks
 * whether a picture's numbers stay the same to the last bit in other company on this machine. Blocks the thread.
 *
 * @throws {FramescribeError} BUNDLE_NOT_FOUND, BUNDLE_INVALID, BUNDLE_DAMAGED or INFERENCE_FAILED.
 */
export async function verifyBundle(folder: string): Promise<BundleFacts> {
  const start = performance.now();
  const bundle = await loadBundle(folder);
  const network = await openNetwork(bundle);
  try {
    const loaded = performance.now();
    const together = await describeMadeUp(bundle, network, 0, PICTURES);
    const captioned = performance.now();
    for (const picture of [0, PICTURES - 1]) {
      const alone = await describeMadeUp(bundle, network, picture, 1);
      if (JSON.stringify(alone[0]) === JSON.stringify(together[picture])) continue;
      throw new FramescribeError(
        'BUNDLE_INVALID',
        `Expected the same numbers for a picture alone and among ${PICTURES}: a graph of ${folder} mixes its rows`,
      );
    }
    return facts(bundle, loaded - start, (captioned - loaded) / PICTURES);
  } finally {
    await network.close();
  }
}

async function describeMadeUp(bundle: Bundle, network: Network, first: number, count: number) {
  const { manifest } = bundle;
  const { images, encode } = createEncoder(network, bundle, count);
  const size = 3 * manifest.input.width * manifest.input.height;
  for (let index = 0; index < count * size; index++) {
    images[index] = (Math.imul(first * size + index, SPREAD) >>> 8) / 2 ** 23 - 1;
  }
  const options = beamOptions(bundle, { batch: count, beam: 0, nBest: 1, attention: false });
  const decode = createDecoder(network, manifest, rowsToSearch(count, options));
  const encoded = await encode(count);
  const seen = encoded.classProbabilities?.slice();
  const found = await searchCaptions(bundle, encoded, decode, { options, attention: false });
  if (found.every(({ hypotheses }) => hypotheses.length > 0)) {
    const width = bundle.classWords?.length ?? 0;
    return found.map(({ hypotheses: [best] }, index) => [
      best?.logProbabilities,
      [...(seen?.subarray(index * width, (index + 1) * width) ?? [])],
    ]);
  }
  throw new FramescribeError('INFERENCE_FAILED', `Expected log-probabilities from ${manifest.decoder.file}, got none`);
}

function facts({ manifest, digest, classWords }: Bundle, loadMs: number, captionMs: number): BundleFacts {
  const { input, encoder, decoder, files } = manifest;
  const sum = (names: readonly string[]) =>
    files.reduce((bytes, file) => bytes + (names.includes(file.name) ? file.bytes : 0), 0);
  return {
    name: manifest.name,
    version: manifest.version,
    digest,
    files: files.length,
    bytes: sum(files.map(({ name }) => name)),
    graphBytes: sum([encoder.file, decoder.file]),
    image: `${input.name} [N,3,${input.height},${input.width}]`,
    features: `${encoder.features} [N,${encoder.regions},${encoder.featureSize}]`,
    states: decoder.states.map((state) => `${state.input} [N,${state.size}]`).join(', '),
    words: manifest.vocabulary.size,
    classWords: classWords?.length ?? 0,
    loadMs: Math.round(loadMs),
    captionMs: Math.round(captionMs * 10) / 10,
  };
}
