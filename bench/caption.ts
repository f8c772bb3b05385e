/**
 * What captioning costs: `npx tsx bench/caption.ts [bundle [folder of pictures]]`.
 *
 * Three figures, on this machine and in this run: the stages on one thread against a bare loop of ONNX Runtime calls
 * with the same shapes; pictures a second through the threads; how long the caller's event loop was held up meanwhile.
 * CPU milliseconds are the sturdier figures where other work shares the processors.
 */
import '../src/caption/no-telemetry.ts';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { beamSearch } from '../src/caption/beam.ts';
import { type Bundle, findBundle, loadBundle } from '../src/caption/bundle.ts';
import { openCaptioner } from '../src/caption/captioner.ts';
import { createDecoder, createEncoder } from '../src/caption/decode.ts';
import { beamOptions } from '../src/caption/describer.ts';
import { type Network, openNetwork } from '../src/caption/network.ts';
import { createPictureReader } from '../src/caption/picture.ts';
import { toCaption } from '../src/caption/wording.ts';

const BATCH = 8;
const PICTURES = 64;
const settings = { batch: BATCH, beam: 0, nBest: 3, attention: false };

interface Cost {
  wallMs: number;
  cpuMs: number;
}

const [model = 'flickr8k-lstm', folder] = process.argv.slice(2);
const place = await findBundle(model, new URL('../models', import.meta.url).pathname);
const pictures = folder ? await picturesOf(folder) : await paintPictures();

const load = await time(async () => openNetwork(await loadBundle(place)));
const bundle = await loadBundle(place);
console.log(`${bundle.manifest.name} ${bundle.manifest.version}, ${pictures.length} pictures, batch ${BATCH}`);
console.log(`load and check: ${show(load.cost)}\n`);

await compareStages(bundle, load.value);
await load.value.close();
for (const threads of [1, 2]) await throughThreads(bundle, threads);

/** Stages on this thread, each against what ONNX Runtime alone takes for the same calls. */
async function compareStages(bundle: Bundle, network: Network): Promise<void> {
  const { manifest } = bundle;
  const read = createPictureReader(manifest.input);
  const { images, encode } = createEncoder(network, bundle, BATCH);
  const size = 3 * manifest.input.width * manifest.input.height;
  const options = beamOptions(bundle, settings);
  const decode = createDecoder(network, manifest, BATCH * options.beam);
  const costs = { read: zero(), encode: zero(), decode: zero(), rawEncode: zero(), rawDecode: zero() };
  // The first round warms up.
  for (const round of [0, 1, 2, 3]) {
    const count = round > 0;
    for (let from = 0; from + BATCH <= pictures.length; from += BATCH) {
      await add(costs.read, count, async () => {
        for (let index = 0; index < BATCH; index++) {
          await read(pictures[from + index] as string | Buffer, images.subarray(index * size, (index + 1) * size));
        }
      });
      const encoded = await add(costs.encode, count, () => encode(BATCH));
      const rows: number[] = [];
      await add(costs.decode, count, async () => {
        const step = decode(encoded);
        const found = await beamSearch(BATCH, options, (input) => {
          rows.push(input.rows);
          return step(input);
        });
        return found.map((group) => group.map((hypothesis) => toCaption(bundle, hypothesis)));
      });
      await bareLoop(bundle, network, images, rows, costs, count);
    }
  }
  const pictureCount = 3 * Math.floor(pictures.length / BATCH) * BATCH;
  const row = (name: string, { wallMs, cpuMs }: Cost) =>
    console.log(`${name.padEnd(44)}${perPicture(wallMs)}${perPicture(cpuMs)}`);
  const perPicture = (ms: number) => (ms / pictureCount).toFixed(2).padStart(10);
  console.log(`${'ms a picture, one thread'.padEnd(44)}${'wall'.padStart(10)}${'CPU'.padStart(10)}`);
  row('read: JPEG to normalised planes', costs.read);
  row('encode', costs.encode);
  row('  the same calls of ONNX Runtime alone', costs.rawEncode);
  row(`decode: beam ${options.beam}, words`, costs.decode);
  row('  the same calls of ONNX Runtime alone', costs.rawDecode);
  const ours = sum(costs.encode, costs.decode);
  const raw = sum(costs.rawEncode, costs.rawDecode);
  console.log(`encode and decode: ${(1000 / (ours.cpuMs / pictureCount)).toFixed(0)} pictures a CPU second`);
  console.log(`against ONNX Runtime alone: ${(ours.cpuMs / raw.cpuMs).toFixed(3)} of its CPU time\n`);
}

/** The encoder once and the decoder once a step, with tensors made beforehand. */
async function bareLoop(
  { manifest: { input, encoder, decoder } }: Bundle,
  network: Network,
  images: Float32Array,
  rows: readonly number[],
  costs: { readonly rawEncode: Cost; readonly rawDecode: Cost },
  count: boolean,
): Promise<void> {
  const image = new Tensor('float32', images, [BATCH, 3, input.height, input.width]);
  const encoded = await add(costs.rawEncode, count, () => network.encoder.run({ [input.name]: image }));
  const regions = encoded[encoder.features]?.data as Float32Array;
  const feeds = rows.map((row) => {
    const features = new Float32Array(row * encoder.regions * encoder.featureSize);
    for (let at = 0; at < features.length; at += regions.length) {
      features.set(regions.subarray(0, Math.min(regions.length, features.length - at)), at);
    }
    return {
      [decoder.word]: new Tensor('int64', new BigInt64Array(row).fill(5n), [row]),
      [decoder.features]: new Tensor('float32', features, [row, encoder.regions, encoder.featureSize]),
      ...Object.fromEntries(
        decoder.states.map((state) => [
          state.input,
          new Tensor('float32', new Float32Array(row * state.size), [row, state.size]),
        ]),
      ),
    };
  });
  const wanted = [decoder.logProbabilities, ...decoder.states.map(({ output }) => output)];
  await add(costs.rawDecode, count, async () => {
    for (const feed of feeds) await network.decoder.run(feed, wanted);
  });
}

/** Pictures a second as the product captions them, and the lag that the caller sees. */
async function throughThreads(bundle: Bundle, threads: number): Promise<void> {
  const opening = await time(() => openCaptioner(bundle, { ...settings, threads }));
  await using captioner = opening.value;
  await captioner.caption(pictures.slice(0, BATCH * threads));
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const before = performance.eventLoopUtilization();
  const { cost } = await time(() => captioner.caption(pictures));
  const { utilization } = performance.eventLoopUtilization(before);
  lag.disable();
  const rate = (ms: number) => ((pictures.length * 1000) / ms).toFixed(0);
  console.log(
    `${threads} thread${threads > 1 ? 's' : ''}: open ${opening.cost.wallMs.toFixed(0)} ms, ` +
      `${rate(cost.wallMs)} pictures a second, ${rate(cost.cpuMs)} a CPU second, ` +
      `event loop busy ${(utilization * 100).toFixed(1)}%, held up ${(lag.max / 1e6 - 1).toFixed(1)} ms at most`,
  );
}

async function picturesOf(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  return names.slice(0, PICTURES).map((name) => join(folder, name));
}

/** Noise in patches, 1280×720, as large as a keyframe gets. */
async function paintPictures(): Promise<readonly Buffer[]> {
  return Promise.all(
    Array.from({ length: PICTURES }, (_, seed) => {
      const bytes = Array.from({ length: 32 * 18 * 3 }, (_, at) => Math.imul(at + seed * 977, 0x9e3779b1) >>> 24);
      const pixels = Buffer.from(bytes);
      return sharp(pixels, { raw: { width: 32, height: 18, channels: 3 } })
        .resize(1280, 720)
        .jpeg({ quality: 85 })
        .toBuffer();
    }),
  );
}

function zero(): Cost {
  return { wallMs: 0, cpuMs: 0 };
}

function sum(one: Cost, other: Cost): Cost {
  return { wallMs: one.wallMs + other.wallMs, cpuMs: one.cpuMs + other.cpuMs };
}

async function add<T>(cost: Cost, counts: boolean, work: () => Promise<T>): Promise<T> {
  const { value, cost: spent } = await time(work);
  if (counts) {
    cost.wallMs += spent.wallMs;
    cost.cpuMs += spent.cpuMs;
  }
  return value;
}

async function time<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly cost: Cost }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, cost: { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 } };
}

function show({ wallMs, cpuMs }: Cost): string {
  return `${wallMs.toFixed(0)} ms, CPU ${cpuMs.toFixed(0)} ms`;
}
