import './no-telemetry.ts';
import { Tensor } from 'onnxruntime-node';
import type { Bundle } from './bundle.ts';
import { createDecoder, createEncoder, FEWEST_ROWS } from './decode.ts';
import { beamOptions } from './describer.ts';
import { type Network, openNetwork } from './network.ts';
import { createPictureReader } from './picture.ts';
import type { StepInput } from './rows.ts';
import { rowsToSearch, searchCaptions } from './search.ts';
import { toCaption } from './wording.ts';

/** Milliseconds a picture. CPU time is the sturdier of the two where other work shares the processors. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What captioning costs on one thread, beside the same calls of ONNX Runtime alone with tensors made beforehand. */
export interface Speed {
  readonly beam: number;
  readonly batch: number;
  readonly pictures: number;
  /** JPEG to normalised planes. */
  readonly read: Cost;
  readonly encode: Cost;
  /** Beam search and words. */
  readonly decode: Cost;
  readonly rawEncode: Cost;
  readonly rawDecode: Cost;
}

export interface SpeedSettings {
  /** 0 takes the bundle's own. */
  readonly beam: number;
  readonly batch: number;
  /** How often all pictures are captioned and counted, after one time that isn't. */
  readonly rounds: number;
}

type Stage = 'read' | 'encode' | 'decode' | 'rawEncode' | 'rawDecode';

/**
 * Captions pictures (paths or bytes, at least a batch) on this thread, which it blocks, stage by stage. The bare calls
 * of ONNX Runtime come right after ours in each batch, so that whatever else the machine does meets both.
 */
export async function measureSpeed(
  bundle: Bundle,
  pictures: readonly (string | Uint8Array)[],
  settings: SpeedSettings,
): Promise<Speed> {
  const network = await openNetwork(bundle);
  try {
    const batch = Math.min(settings.batch, pictures.length);
    const spent = new Map<Stage, Cost>();
    const run = createRun(bundle, network, { ...settings, batch });
    for (let round = 0; round <= settings.rounds; round++) {
      for (let from = 0; from + batch <= pictures.length; from += batch) {
        await run(pictures.slice(from, from + batch), (stage, cost) => {
          // The first round warms up.
          if (round > 0) spent.set(stage, sum(spent.get(stage), cost));
        });
      }
    }
    const count = settings.rounds * Math.floor(pictures.length / batch) * batch;
    const each = (stage: Stage): Cost => {
      const { wallMs, cpuMs } = sum(spent.get(stage), undefined);
      return { wallMs: wallMs / count, cpuMs: cpuMs / count };
    };
    return {
      beam: settings.beam || bundle.manifest.decoding.beam,
      batch,
      pictures: count,
      ...{ read: each('read'), encode: each('encode'), decode: each('decode') },
      ...{ rawEncode: each('rawEncode'), rawDecode: each('rawDecode') },
    };
  } finally {
    await network.close();
  }
}

/** Milliseconds of wall and processor time that some work takes. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly cost: Cost }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, cost: { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 } };
}

export function sum(one: Cost = ZERO, other: Cost = ZERO): Cost {
  return { wallMs: one.wallMs + other.wallMs, cpuMs: one.cpuMs + other.cpuMs };
}

const ZERO: Cost = { wallMs: 0, cpuMs: 0 };

type Report = (stage: Stage, cost: Cost) => void;

/** Captions one batch of pictures and tells what each stage cost. */
function createRun(bundle: Bundle, network: Network, { beam, batch }: SpeedSettings) {
  const { manifest } = bundle;
  const read = createPictureReader(manifest.input);
  const { images, encode } = createEncoder(network, bundle, batch);
  const size = 3 * manifest.input.width * manifest.input.height;
  const options = beamOptions(bundle, { beam, batch, nBest: 3, attention: false });
  const decode = createDecoder(network, manifest, rowsToSearch(batch, options));
  return async (pictures: readonly (string | Uint8Array)[], report: Report): Promise<void> => {
    const stage = async <T>(name: Stage, work: () => Promise<T>): Promise<T> => {
      const { value, cost } = await timed(work);
      report(name, cost);
      return value;
    };
    await stage('read', async () => {
      for (const [index, picture] of pictures.entries()) {
        await read(picture, images.subarray(index * size, (index + 1) * size));
      }
    });
    const encoded = await stage('encode', () => encode(batch));
    const rows: number[] = [];
    await stage('decode', async () => {
      const onStep = (input: StepInput) => rows.push(input.rows);
      const found = await searchCaptions(bundle, encoded, decode, { options, attention: false, onStep });
      return found.map(({ hypotheses, probabilities }) => {
        return hypotheses.map((hypothesis) => toCaption(bundle, hypothesis, probabilities));
      });
    });
    const { name, height, width } = manifest.input;
    const planes = pictures.flatMap((_, from) => {
      if (from % FEWEST_ROWS > 0) return [];
      const pair = images.subarray(from * size, (from + FEWEST_ROWS) * size);
      return new Tensor('float32', pair, [FEWEST_ROWS, 3, height, width]);
    });
    await stage('rawEncode', async () => {
      for (const pair of planes) await network.encoder.run({ [name]: pair });
    });
    const calls = rows.map((row) => callOf(bundle, encoded.features, Math.max(row, 2)));
    await stage('rawDecode', async () => {
      for (const { feed, fetch } of calls) await network.decoder.run(feed, fetch);
    });
  };
}

/** The decoder's input for so many rows, with features as they are, and tensors for what comes out. */
function callOf({ manifest: { encoder, decoder, vocabulary } }: Bundle, regions: Float32Array, rows: number) {
  const features = new Float32Array(rows * encoder.regions * encoder.featureSize);
  for (let at = 0; at < features.length; at += regions.length) {
    features.set(regions.subarray(0, Math.min(regions.length, features.length - at)), at);
  }
  const zeros = (...shape: readonly number[]) =>
    new Tensor('float32', new Float32Array(shape.reduce((product, side) => product * side, 1)), shape);
  return {
    feed: {
      [decoder.word]: new Tensor('int64', new BigInt64Array(rows).fill(5n), [rows]),
      [decoder.features]: new Tensor('float32', features, [rows, encoder.regions, encoder.featureSize]),
      ...Object.fromEntries(decoder.states.map(({ input, size }) => [input, zeros(rows, size)])),
    },
    fetch: {
      [decoder.logProbabilities]: zeros(rows, vocabulary.size),
      ...Object.fromEntries(decoder.states.map(({ output, size }) => [output, zeros(rows, size)])),
    },
  };
}
