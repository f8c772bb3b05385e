import type { PictureCaptions } from '../domain/captioning.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { BeamOptions } from './beam.ts';
import type { Bundle } from './bundle.ts';
import { seenWords } from './class-words.ts';
import { createDecoder, createEncoder } from './decode.ts';
import type { Network } from './network.ts';
import { createPictureReader } from './picture.ts';
import { type Found, rowsToSearch, searchCaptions } from './search.ts';
import { toAttentionGrids, toCaption } from './wording.ts';

export interface DescriberSettings {
  /** Pictures taken together. */
  readonly batch: number;
  /** Beam width; 0 takes the bundle's own. */
  readonly beam: number;
  /** Captions a picture, at most as many as the beam is wide. */
  readonly nBest: number;
  readonly attention: boolean;
}

/** What comes out for one picture: captions, or why there are none. */
export type Described = PictureCaptions | FramescribeError;

/** Captions at most `batch` pictures, given as paths or bytes; a picture that can't be read doesn't stop the others. */
export type Describer = (pictures: readonly (string | Uint8Array)[]) => Promise<readonly Described[]>;

/** Makes the whole way from pictures to captions, on this thread, which it blocks. */
export function createDescriber(bundle: Bundle, network: Network, settings: DescriberSettings): Describer {
  const { manifest } = bundle;
  const options = beamOptions(bundle, settings);
  const read = createPictureReader(manifest.input);
  const { images, encode } = createEncoder(network, bundle, settings.batch);
  const decode = createDecoder(network, manifest, rowsToSearch(settings.batch, options));
  const size = 3 * manifest.input.width * manifest.input.height;

  return async (pictures) => {
    const unreadable = new Map<number, FramescribeError>();
    let readable = 0;
    for (const [index, picture] of pictures.entries()) {
      try {
        await read(picture, images.subarray(readable * size, (readable + 1) * size));
        readable++;
      } catch (error) {
        unreadable.set(index, FramescribeError.from(error));
      }
    }
    const described = readable > 0 ? await describe(readable) : [];
    let next = 0;
    return pictures.map((_, index) => unreadable.get(index) ?? (described[next++] as Described));
  };

  async function describe(count: number): Promise<readonly Described[]> {
    const encoded = await encode(count);
    const found = await searchCaptions(bundle, encoded, decode, { options, attention: settings.attention });
    return found.map(toPictureCaptions);
  }

  function toPictureCaptions({ hypotheses, attention, probabilities }: Found): Described {
    const [best] = hypotheses;
    if (best === undefined) {
      return new FramescribeError(
        'INFERENCE_FAILED',
        `Expected log-probabilities from ${manifest.decoder.file}, got no number for any word`,
      );
    }
    return {
      captions: hypotheses.map((hypothesis) => toCaption(bundle, hypothesis, probabilities)),
      attention: settings.attention ? toAttentionGrids(bundle, best, attention) : null,
      words: probabilities && seenWords(bundle.classWords ?? [], probabilities),
    };
  }
}

/** The beam search's options of a bundle and the settings. */
export function beamOptions({ manifest, words }: Bundle, settings: DescriberSettings): BeamOptions {
  const { vocabulary, decoding } = manifest;
  const beam = settings.beam || decoding.beam;
  return {
    beam,
    nBest: Math.min(settings.nBest, beam),
    maxLength: decoding.maxLength,
    lengthExponent: decoding.lengthExponent,
    vocabularySize: vocabulary.size,
    begin: vocabulary.begin,
    end: vocabulary.end,
    never: [vocabulary.padding, vocabulary.begin, vocabulary.unknown],
    joiner: words.indexOf('and'),
  };
}
