/**
 * Shots and cost of each scan mode on a film with known cuts, by codec: `npx tsx bench/films.ts <folder> [seconds] [WxH]
 * [seed] [only]`. The folder has clips and a `manifest.jsonl` with `path` and `cuts` (empty for a clip of one shot). Costs are CPU seconds
 * of FFmpeg and Node.js over those of `ffmpeg -f null` on the same file in the same run. Writes a table, and a JSON file
 * beside the films.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ScanMode, type ScanPlan, scanMode } from '../src/domain/scan-plan.ts';
import { probe } from '../src/media/probe.ts';
import { scan } from '../src/media/scan.ts';
import { planFor } from '../src/media/scan-plan.ts';
import { loadConfig } from '../src/pipeline/load-config.ts';
import { timeDecode, timeProgram } from './cost.ts';
import { buildFilm, clipsOf, encodeFilm, type Film } from './film.ts';
import { compare, f1 } from './shot-scores.ts';

const ENCODINGS: Readonly<Record<string, readonly string[]>> = {
  'x264.mp4': ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
  'x264-g48.mp4': ['-c:v', 'libx264', '-g', '48', '-keyint_min', '48', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'],
  'x265.mp4': ['-c:v', 'libx265', '-preset', 'medium', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p'],
  'mpeg2.mkv': ['-c:v', 'mpeg2video', '-bf', '2', '-q:v', '4'],
  'mpeg4.mp4': ['-c:v', 'mpeg4', '-bf', '2', '-q:v', '4'],
  'vp9.webm': ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '6', '-crf', '32', '-b:v', '0'],
  'av1.mkv': ['-c:v', 'libsvtav1', '-preset', '9', '-crf', '35'],
  'prores.mov': ['-c:v', 'prores_ks', '-profile:v', '1'],
};
/** Half a frame more than one frame. */
const ONE_FRAME = 1.5 / 25;

const [clips, seconds = '300', size = '1280x720', seed = '1', only = ''] = process.argv.slice(2);
if (clips === undefined)
  throw new Error('Expected a folder: npx tsx bench/films.ts <folder> [seconds] [WxH] [seed] [only]');
const config = await loadConfig(process.env);
const folder = join(tmpdir(), 'framescribe-films');
const film = buildFilm(clipsOf(clips), Number(seconds), size, folder, Number(seed));
const rows: object[] = [];
const names = Object.keys(ENCODINGS).filter((name) => name.includes(only));
console.log(
  `${film.seconds} s, ${film.cuts.length} cuts, ${film.cuts.filter(({ rapid }) => rapid).length} of them rapid\n`,
);
console.log(
  'encoding        mode     decoded     F1 ±1 frame  F1 ±0.25 s  rapid found  FFmpeg  with Node.js (CPU / null decode)',
);
for (const name of names) {
  const encoded = encodeFilm(film, name, ENCODINGS[name] ?? []);
  const { cpu: base } = await timeDecode(config.ffmpeg.path, encoded.file, config.ffmpeg.threads);
  for (const mode of ['full', ...scanMode.options] as const) show(name, mode, await scanFilm(encoded, mode), base);
  show(name, 'scdet', await scdet(encoded), base);
}
writeFileSync(join(folder, `films-${seed}-${seconds}-${size}.json`), `${JSON.stringify(rows, null, 2)}\n`);

interface Scanned {
  readonly cuts: readonly number[];
  readonly frames: string;
  readonly ffmpegCpu: number;
  readonly cpu: number;
}

function show(encoding: string, mode: string, { cuts, frames, ffmpegCpu, cpu }: Scanned, base: number): void {
  const known = film.cuts.map((cut) => ({ time: cut.seconds, type: 'hard' }));
  const score = (within: number) => {
    const { hits, missed, extra } = compare(cuts, known, within);
    return f1(hits, missed.length, extra.length);
  };
  const { missed } = compare(cuts, known, ONE_FRAME);
  const rapid = film.cuts.filter((cut) => cut.rapid);
  const rapidFound = rapid.filter((cut) => !missed.includes(cut.seconds)).length / rapid.length;
  const row = {
    ...{ encoding, mode, frames, base },
    frame: score(ONE_FRAME),
    quarter: score(0.25),
    rapidFound,
    ffmpeg: ffmpegCpu / base,
    whole: cpu / base,
  };
  rows.push(row);
  const figures = [row.frame, row.quarter, rapidFound].map((value) => value.toFixed(3).padEnd(12)).join('');
  const costs = `${row.ffmpeg.toFixed(2).padEnd(8)}${row.whole.toFixed(2)}`;
  console.log(`${encoding.padEnd(16)}${mode.padEnd(9)}${frames.padEnd(12)}${figures} ${costs}`);
}

async function scanFilm({ file }: Film, mode: ScanMode | 'full'): Promise<Scanned> {
  const { signal } = new AbortController();
  const pictures = mkdtempSync(join(tmpdir(), 'framescribe-films-'));
  const before = process.cpuUsage();
  const cuts: number[] = [];
  let ffmpegCpu = 0;
  const probed = await probe(file, config, signal);
  const full: ScanPlan = { mode: 'exact', frames: 'all', loopFilter: true, because: 'asked for' };
  const plan = mode === 'full' ? full : await planFor(file, probed, mode, config, signal);
  for await (const event of scan(file, probed, config, { signal, plan, folder: pictures })) {
    const { num, den } = probed.timeBase;
    if (event.kind === 'shot' && event.shot.index > 0) cuts.push((event.shot.startTicks * num) / den);
    if (event.kind === 'end') ffmpegCpu = event.decodeCpuSeconds ?? Number.NaN;
  }
  const { user, system } = process.cpuUsage(before);
  rmSync(pictures, { recursive: true });
  return { cuts, frames: plan.frames, ffmpegCpu, cpu: ffmpegCpu + (user + system) / 1e6 };
}

/** FFmpeg's own detector at its default threshold. */
async function scdet({ file }: Film): Promise<Scanned> {
  const args = ['-v', 'info', '-i', `file:${file}`, '-map', '0:v:0', '-vf', 'scdet=threshold=10', '-f', 'null', '-'];
  const { cpu, stderr } = await timeProgram(config.ffmpeg.path, args);
  const cuts = [...stderr.matchAll(/lavfi\.scd\.time: ([\d.]+)/g)].map(([, time]) => Number(time));
  return { cuts, frames: 'all', ffmpegCpu: cpu, cpu };
}
