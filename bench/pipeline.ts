/**
 * What describing a video costs, stage by stage, beside decoding it and running the two graphs: `npm run bench -- <video>`.
 * CPU seconds, medians over interleaved runs. Shares are of the whole pipeline's CPU time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findBundle, loadBundle } from '../src/caption/bundle.ts';
import { createDescriber } from '../src/caption/describer.ts';
import { openNetwork } from '../src/caption/network.ts';
import { loadConfig } from '../src/pipeline/load-config.ts';
import { bundleFolder, captionerSettings } from '../src/pipeline/settings.ts';

const RUNS = 3;
const COMMAND = 'dist/src/cli/main.js';

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

interface Row {
  readonly what: string;
  readonly runs: readonly Cost[];
}

const video = resolve(process.argv[2] ?? fail('Expected a video: npm run bench -- <video>'));
const config = await loadConfig(process.env);
const threads = String(config.ffmpeg.threads);
const folder = await mkdtemp(join(tmpdir(), 'framescribe-bench-'));
try {
  const decode: Cost[] = [];
  const whole: Cost[] = [];
  const ffmpeg: Cost[] = [];
  const own: Cost[] = [];
  const graphs: Cost[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    decode.push(await timeDecode());
    const out = join(folder, `run-${run}`);
    whole.push(await timeProgram(process.execPath, [COMMAND, 'caption', video, '--out', out, '--json']));
    const [name = ''] = await readdir(out);
    const report = JSON.parse(await readFile(join(out, name, 'run.json'), 'utf8'));
    ffmpeg.push({ wall: Number.NaN, cpu: report.ffmpegCpuMs / 1000 });
    own.push({ wall: report.wallMs / 1000, cpu: report.cpuMs / 1000 });
    graphs.push(await timeGraphs(join(out, name)));
  }
  print([
    { what: 'decode alone (ffmpeg -f null)', runs: decode },
    { what: 'whole command', runs: whole },
    { what: '  FFmpeg: decode, tiny frames, pictures', runs: ffmpeg },
    { what: '  Node.js: shots, pictures, captions, report', runs: own },
    { what: '    of it in the two graphs', runs: graphs },
  ]);
  const total = median(whole, 'cpu');
  const beside = total - median(decode, 'cpu') - median(graphs, 'cpu');
  console.log(`\nneither decoding nor in a graph: ${beside.toFixed(2)} s, ${percent(beside / total)} of the CPU time`);
  console.log(`whole command over decoding alone: ${(total / median(decode, 'cpu')).toFixed(2)} in CPU time`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function timeDecode(): Promise<Cost> {
  const args = ['-v', 'error', '-threads', threads, '-i', `file:${video}`, '-map', '0:v:0', '-f', 'null', '-'];
  return timeProgram(config.ffmpeg.path, args);
}

/** Wall and CPU seconds of a program and all that it starts, by way of the kernel's count of ended children. */
async function timeProgram(program: string, args: readonly string[]): Promise<Cost> {
  const before = await childCpuSeconds();
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) fail(`${program} ended with exit code ${exitCode}:\n${stderr}`);
  return { wall: (performance.now() - start) / 1000, cpu: (await childCpuSeconds()) - before };
}

async function childCpuSeconds(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** The time inside ONNX Runtime for the same pictures, on this thread, where `run` works without other threads. */
async function timeGraphs(result: string): Promise<Cost> {
  const bundle = await loadBundle(await findBundle(config.caption.model, bundleFolder(config)));
  const network = await openNetwork(bundle);
  const spent = { wall: 0, cpu: 0 };
  for (const session of [network.encoder, network.decoder]) {
    const run = session.run.bind(session);
    session.run = async (...args: unknown[]) => {
      const start = performance.now();
      const cpu = process.cpuUsage();
      const outputs = await run(...(args as Parameters<typeof run>));
      const { user, system } = process.cpuUsage(cpu);
      spent.wall += (performance.now() - start) / 1000;
      spent.cpu += (user + system) / 1e6;
      return outputs;
    };
  }
  const settings = captionerSettings(config);
  const describe = createDescriber(bundle, network, settings);
  const { keyframes } = JSON.parse(await readFile(join(result, 'result.json'), 'utf8'));
  const pictures: string[] = keyframes
    .filter(({ sameAs }: { sameAs?: string }) => sameAs === undefined)
    .map(({ image }: { image: string }) => join(result, image));
  for (let from = 0; from < pictures.length; from += settings.batch) {
    await describe(pictures.slice(from, from + settings.batch));
  }
  await network.close();
  return spent;
}

function print(rows: readonly Row[]): void {
  const total = median(rows[1]?.runs ?? [], 'cpu');
  console.log(`${'stage'.padEnd(46)}${'wall s'.padStart(9)}${'CPU s'.padStart(9)}${'share'.padStart(8)}`);
  for (const { what, runs } of rows) {
    const wall = median(runs, 'wall');
    const cpu = median(runs, 'cpu');
    const shownWall = Number.isNaN(wall) ? '' : wall.toFixed(2);
    console.log(
      `${what.padEnd(46)}${shownWall.padStart(9)}${cpu.toFixed(2).padStart(9)}${percent(cpu / total).padStart(8)}`,
    );
  }
}

function median(runs: readonly Cost[], field: keyof Cost): number {
  const sorted = runs.map((run) => run[field]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
