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
import sharp from 'sharp';
import { type Bundle, findBundle, loadBundle } from '../src/caption/bundle.ts';
import { openCaptioner } from '../src/caption/captioner.ts';
import { openNetwork } from '../src/caption/network.ts';
import { type Cost, measureSpeed, sum, timed } from '../src/caption/speed.ts';

const BATCH = 8;
const PICTURES = 64;
const settings = { batch: BATCH, beam: 0, nBest: 3, attention: false };

const [model = 'flickr8k-lstm', folder] = process.argv.slice(2);
const place = await findBundle(model, new URL('../models', import.meta.url).pathname);
const pictures = folder ? await picturesOf(folder) : await paintPictures();

const loads = [];
for (let round = 0; round < 3; round++) {
  const { value, cost } = await timed(async () => openNetwork(await loadBundle(place)));
  await value.close();
  loads.push(show(cost));
}
const bundle = await loadBundle(place);
console.log(`${bundle.manifest.name} ${bundle.manifest.version}, ${pictures.length} pictures, batch ${BATCH}`);
console.log(`load and check, in a fresh process and twice again: ${loads.join('; ')}\n`);
for (const beam of new Set([3, bundle.manifest.decoding.beam])) await compareStages(beam);
for (const threads of [1, 2]) await throughThreads(bundle, threads);

/** Stages on this thread, each against what ONNX Runtime alone takes for the same calls. */
async function compareStages(beam: number): Promise<void> {
  const speed = await measureSpeed(bundle, pictures, { beam, batch: BATCH, rounds: 3 });
  const row = (name: string, { wallMs, cpuMs }: Cost) =>
    console.log(`${name.padEnd(44)}${wallMs.toFixed(2).padStart(10)}${cpuMs.toFixed(2).padStart(10)}`);
  console.log(`${'ms a picture, one thread'.padEnd(44)}${'wall'.padStart(10)}${'CPU'.padStart(10)}`);
  row('read: JPEG to normalised planes', speed.read);
  row('encode', speed.encode);
  row('  the same calls of ONNX Runtime alone', speed.rawEncode);
  row(`decode: beam ${speed.beam}, words`, speed.decode);
  row('  the same calls of ONNX Runtime alone', speed.rawDecode);
  const ours = sum(speed.encode, speed.decode);
  const raw = sum(speed.rawEncode, speed.rawDecode);
  console.log(`encode and decode: ${(1000 / ours.cpuMs).toFixed(0)} pictures a CPU second`);
  console.log(`against ONNX Runtime alone: ${(ours.cpuMs / raw.cpuMs).toFixed(3)} of its CPU time\n`);
}

/** Pictures a second as the product captions them, and the lag that the caller sees. */
async function throughThreads(bundle: Bundle, threads: number): Promise<void> {
  const opening = await timed(() => openCaptioner(bundle, { ...settings, threads }));
  await using captioner = opening.value;
  await captioner.caption(pictures.slice(0, BATCH * threads));
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const before = performance.eventLoopUtilization();
  const { cost } = await timed(() => captioner.caption(pictures));
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

function show({ wallMs, cpuMs }: Cost): string {
  return `${wallMs.toFixed(0)} ms, CPU ${cpuMs.toFixed(0)} ms`;
}
