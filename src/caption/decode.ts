import './no-telemetry.ts';
import { Tensor } from 'onnxruntime-node';
import type { Step } from './beam.ts';
import type { Manifest } from './manifest.ts';
import { type Network, runGraph, tensorOf } from './network.ts';

/**
 * A product with one row takes another kernel than one with more, and gives other bits: nothing ever runs alone, so
 * that a picture's numbers don't depend on how many others there are.
 */
const FEWEST_ROWS = 2;

/** Pictures as the decoder sees them. */
export interface Encoded {
  readonly pictures: number;
  /** `[pictures or more, regions, featureSize]` */
  readonly features: Float32Array;
  /** The first states, `[pictures or more, size]` each. */
  readonly states: readonly Float32Array[];
}

/** Room for images, which are encoded together: at least two, whatever is asked for. */
export function createImages({ input }: Manifest, most: number): Float32Array {
  return new Float32Array(Math.max(most, FEWEST_ROWS) * 3 * input.height * input.width);
}

/** Runs the encoder over the first pictures in `images`, `[most,3,height,width]`. */
export async function encode(
  network: Network,
  manifest: Manifest,
  images: Float32Array,
  pictures: number,
): Promise<Encoded> {
  const { input, encoder, decoder } = manifest;
  const rows = Math.max(pictures, FEWEST_ROWS);
  const outputs = await runGraph(
    network,
    'encoder',
    { [input.name]: tensorOf(images, [rows, 3, input.height, input.width]) },
    Object.fromEntries([
      [encoder.features, rows * encoder.regions * encoder.featureSize],
      ...encoder.states.map((name, index) => [name, rows * (decoder.states[index]?.size ?? 0)]),
    ]),
  );
  const output = (name: string) => outputs[name] as Float32Array;
  return { pictures, features: output(encoder.features), states: encoder.states.map(output) };
}

/** A decoder over encoded pictures. */
export interface Decoding {
  readonly step: Step;
  /** The attention `[rows or more, regions]` of each step so far, where it's kept. */
  readonly attention: readonly Float32Array[];
}

/** Makes the beam search's step: rows get their states from their parents and the features of their pictures. */
export function createDecoding(
  network: Network,
  manifest: Manifest,
  encoded: Encoded,
  most: number,
  keepsAttention: boolean,
): Decoding {
  const { encoder, decoder, vocabulary } = manifest;
  const capacity = Math.max(most, FEWEST_ROWS);
  const area = encoder.regions * encoder.featureSize;
  const words = new BigInt64Array(capacity);
  const features = new Float32Array(capacity * area);
  const shown = new Int32Array(capacity).fill(-1);
  const states = decoder.states.map(({ size }) => new Float32Array(capacity * size));
  const attention: Float32Array[] = [];
  let before = encoded.states;

  const step: Step = async (input) => {
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
    const outputs = await runGraph(
      network,
      'decoder',
      {
        [decoder.word]: new Tensor('int64', words.subarray(0, rows), [rows]),
        [decoder.features]: tensorOf(features, [rows, encoder.regions, encoder.featureSize]),
        ...Object.fromEntries(
          decoder.states.map(({ input: name, size }, index) => [
            name,
            tensorOf(states[index] as Float32Array, [rows, size]),
          ]),
        ),
      },
      {
        [decoder.logProbabilities]: rows * vocabulary.size,
        ...Object.fromEntries(decoder.states.map(({ output, size }) => [output, rows * size])),
        ...(keepsAttention ? { [decoder.attention]: rows * encoder.regions } : {}),
      },
    );
    before = decoder.states.map(({ output }) => outputs[output] as Float32Array);
    if (keepsAttention) attention.push(outputs[decoder.attention] as Float32Array);
    return outputs[decoder.logProbabilities] as Float32Array;
  };
  return { step, attention };
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
