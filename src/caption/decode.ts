import './no-telemetry.ts';
import { Tensor } from 'onnxruntime-node';
import type { Step } from './beam.ts';
import type { Bundle } from './bundle.ts';
import type { Manifest } from './manifest.ts';
import { type Network, runGraph, tensorOf } from './network.ts';

/**
 * A product with one row takes another kernel than one with more, and gives other bits: nothing ever runs alone, so
 * that a picture's numbers don't depend on how many others there are.
 */
export const FEWEST_ROWS = 2;

/** Pictures as the decoder sees them. */
export interface Encoded {
  readonly pictures: number;
  /** `[pictures or more, regions, featureSize]` */
  readonly features: Float32Array;
  /** The first states, `[pictures or more, size]` each. */
  readonly states: readonly Float32Array[];
  /** `[pictures or more, class words]`; null where the bundle has none. */
  readonly classProbabilities: Float32Array | null;
}

/** Encodes the first pictures of `images`. Its outcome holds until the next call. */
export type Encoder = (pictures: number) => Promise<Encoded>;

/**
 * Makes an encoder for at most so many pictures, whose normalised planes go to `images`, `[most,3,height,width]`.
 * Its memory is taken once: one call at a time. It runs over {@link FEWEST_ROWS} pictures at a time, which is no slower than
 * over more, and ONNX Runtime takes memory for those alone.
 */
export function createEncoder(
  network: Network,
  { manifest, classWords }: Pick<Bundle, 'manifest' | 'classWords'>,
  most: number,
) {
  const { input, encoder, decoder, words } = manifest;
  const capacity = Math.ceil(most / FEWEST_ROWS) * FEWEST_ROWS;
  const images = new Float32Array(capacity * 3 * input.height * input.width);
  const features = new Float32Array(capacity * encoder.regions * encoder.featureSize);
  const states = decoder.states.map(({ size }) => new Float32Array(capacity * size));
  const classes = classWords?.length ?? 0;
  const classProbabilities = words ? new Float32Array(capacity * classes) : null;

  /** Tensors of the pictures from that one on. */
  const inputOf = (from: number) => rowsOf(images, from, [3, input.height, input.width]);
  const outputsOf = (from: number) => ({
    [encoder.features]: rowsOf(features, from, [encoder.regions, encoder.featureSize]),
    ...byName(decoder.states, ({ size }, index) => [
      encoder.states[index] ?? '',
      rowsOf(states[index] as Float32Array, from, [size]),
    ]),
    ...(words && classProbabilities ? { [words.output]: rowsOf(classProbabilities, from, [classes]) } : {}),
  });

  const encode: Encoder = async (pictures) => {
    for (let from = 0; from < pictures; from += FEWEST_ROWS) {
      await runGraph(network, 'encoder', { [input.name]: inputOf(from) }, outputsOf(from));
    }
    return { pictures, features, states, classProbabilities };
  };
  return { images, encode };
}

/** Begins to decode pictures; `attention` is given `[rows or more, regions]` after each step. */
export type Decoder = (encoded: Encoded, attention?: Float32Array[]) => Step;

/**
 * Makes a decoder whose steps have at most so many rows. Rows get their states from their parents and the features of
 * their pictures. Its memory is taken once: one search at a time.
 */
export function createDecoder(network: Network, manifest: Manifest, most: number): Decoder {
  const { encoder, decoder, vocabulary } = manifest;
  const capacity = Math.max(most, FEWEST_ROWS);
  const area = encoder.regions * encoder.featureSize;
  const words = new BigInt64Array(capacity);
  const features = new Float32Array(capacity * area);
  /** The picture whose features lie in a row: they're copied only where that changes. */
  const shown = new Int32Array(capacity);
  const states = decoder.states.map(({ size }) => new Float32Array(capacity * size));
  const nextStates = decoder.states.map(({ size }) => new Float32Array(capacity * size));
  const logProbabilities = new Float32Array(capacity * vocabulary.size);

  return (encoded, attention) => {
    let before = encoded.states;
    shown.fill(-1);
    return async (input) => {
      const rows = Math.max(input.rows, FEWEST_ROWS);
      for (let row = 0; row < rows; row++) {
        // Rows beyond those asked for repeat the first.
        const from = row < input.rows ? row : 0;
        words[row] = BigInt(input.words[from] as number);
        copyRow(before, input.parents[from] as number, states, row, decoder.states);
        const picture = input.pictures[from] as number;
        if (shown[row] === picture) continue;
        features.set(encoded.features.subarray(picture * area, (picture + 1) * area), row * area);
        shown[row] = picture;
      }
      const weights = attention && new Float32Array(rows * encoder.regions);
      await runGraph(
        network,
        'decoder',
        {
          [decoder.word]: new Tensor('int64', words.subarray(0, rows), [rows]),
          [decoder.features]: tensorOf(features, [rows, encoder.regions, encoder.featureSize]),
          ...byName(decoder.states, ({ input: name, size }, index) => [name, tensorOf(states[index], [rows, size])]),
        },
        {
          [decoder.logProbabilities]: tensorOf(logProbabilities, [rows, vocabulary.size]),
          ...byName(decoder.states, ({ output, size }, index) => [output, tensorOf(nextStates[index], [rows, size])]),
          ...(weights ? { [decoder.attention]: tensorOf(weights, [rows, encoder.regions]) } : {}),
        },
      );
      before = nextStates;
      if (weights) attention.push(weights);
      return logProbabilities;
    };
  };
}

/** A view of {@link FEWEST_ROWS} rows from that one on. */
function rowsOf(numbers: Float32Array, from: number, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tensorOf(numbers.subarray(from * size), [FEWEST_ROWS, ...shape]);
}

function byName<T>(items: readonly T[], entry: (item: T, index: number) => readonly [string, Tensor]) {
  return Object.fromEntries(items.map(entry));
}

function copyRow(
  from: readonly Float32Array[],
  fromRow: number,
  to: readonly Float32Array[],
  toRow: number,
  sizes: readonly { readonly size: number }[],
): void {
  sizes.forEach(({ size }, index) => {
    to[index]?.set((from[index] as Float32Array).subarray(fromRow * size, (fromRow + 1) * size), toRow * size);
  });
}
