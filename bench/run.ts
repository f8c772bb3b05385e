/**
 * What describing videos costs, and how well shots are found: `npm run bench -- <folder of clips> [options]`. Builds its films
 * from the folder's clips of one shot (`manifest.jsonl` with `path` and `cuts`; without one, all of its videos), so cuts are
 * known. Ratios are CPU seconds over those of `ffmpeg -f null` on the same file in the same run, medians of pairs. Writes
 * `bench.json`, `bench.md` and plots to the folder of `--out`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { scanMode } from '../src/domain/scan-plan.ts';
import { loadConfig } from '../src/pipeline/load-config.ts';
import { codecRows } from './codecs.ts';
import { buildFilm, clipsOf, encodeFilm, type Film, PACES, type Pace } from './film.ts';
import { ENCODINGS } from './film-encodings.ts';
import { lengthRows } from './lengths.ts';
import { plotSvg } from './plot.ts';
import { costOfMode } from './stages.ts';
import { buildStill, type StillRow, stillRow } from './still.ts';
import { tableOf } from './table.ts';

const SECTIONS = ['stages', 'codecs', 'lengths', 'still', 'workers'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'bench-out' },
    /** Where films are built, and found again. */
    films: { type: 'string', default: join(tmpdir(), 'framescribe-films') },
    sections: { type: 'string', default: SECTIONS.join(',') },
    /** Of the film whose stages are measured, or a video of one's own instead. */
    size: { type: 'string', default: '1920x1080' },
    seconds: { type: 'string', default: '60' },
    video: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    /** How quickly the film of the stages and the one of the codecs are cut. */
    pace: { type: 'string', default: 'feature' },
    /** Of a sensor, in the film of the stages: FFmpeg's `noise=alls=…`. */
    noise: { type: 'string', default: '4' },
    'codec-pace': { type: 'string', default: 'fast' },
    /** Of the films by codec. */
    'codec-size': { type: 'string', default: '1280x720' },
    'codec-seconds': { type: 'string', default: '60' },
    codecs: { type: 'string', default: Object.keys(ENCODINGS).join(',') },
    rounds: { type: 'string', default: '1' },
    /** Clips of a camera that never moves, by their paths in the folder, and how long they're played; none, no section. */
    still: { type: 'string' },
    'still-seconds': { type: 'string', default: '3600' },
    lengths: { type: 'string', default: '10,60,600,3600,36000' },
    /** The file that `bench/workers.ts` wrote. */
    workers: { type: 'string', default: 'bench-out/workers.json' },
  },
});
const [clips] = positionals;
if (clips === undefined) throw new Error('Expected a folder of clips: npm run bench -- <folder> [--sections stages,…]');
const sections = values.sections.split(',');
for (const section of sections) {
  if (!SECTIONS.some((known) => known === section)) throw new Error(`Expected some of ${SECTIONS}, got ${section}`);
}
for (const encoding of values.codecs.split(',')) {
  if (!(encoding in ENCODINGS)) throw new Error(`Expected some of ${Object.keys(ENCODINGS)}, got ${encoding}`);
}
const config = await loadConfig(process.env);
mkdirSync(values.out, { recursive: true });
const report: Record<string, unknown> = { node: process.version };
const pages: string[] = [];
const seed = Number(values.seed);

if (sections.includes('stages')) {
  const video = values.video ?? encoded(values.size, Number(values.seconds), values.pace, Number(values.noise)).file;
  const costs = [];
  for (const mode of scanMode.options) costs.push(await costOfMode(video, mode, Number(values.pairs), config));
  report.stages = costs;
  const rows = costs.flatMap((cost) => [
    [`**${cost.mode}**, whole command`, cost.whole, cost.ratio, cost.wall, cost.peakMemoryMiB],
    ...cost.stages.map(({ stage, cpu }) => [stage, cpu, cpu / cost.decode, null, null]),
  ]);
  const [first] = costs;
  const decode = ['`ffmpeg -f null`', first?.decode ?? 0, 1, first?.decodeWall ?? 0, null];
  const page = tableOf(['what', 'CPU s', 'over plain decoding', 'wall s', 'peak MiB'], [decode, ...rows]);
  tell(`Stages: ${values.video ?? `${values.seconds} s, ${values.size}, ${values.pace}, noise ${values.noise}`}`, page);
}

if (sections.includes('codecs')) {
  const film = filmOf(values['codec-size'], Number(values['codec-seconds']), values['codec-pace']);
  const rows = [];
  for (const encoding of values.codecs.split(',')) {
    rows.push(...(await codecRows(film, encoding, Number(values.rounds), config)));
  }
  report.codecs = { seconds: film.seconds, size: values['codec-size'], cuts: film.cuts, rows };
  const head = ['encoding', 'way', 'whole command', 'scan alone', 'F1 ±1 frame', 'F1 ±0.25 s', 'rapid cuts found'];
  const cells = rows.map(({ encoding, way, whole, scan, frame, quarter, rapidFound }) => {
    return [
      encoding,
      way,
      whole,
      scan,
      ...[frame, quarter, rapidFound].map((score) => (score >= 0 ? score.toFixed(3) : null)),
    ];
  });
  tell(`Codecs: ${film.seconds} s, ${values['codec-size']}, ${film.cuts.length} cuts`, tableOf(head, cells));
}

if (sections.includes('lengths')) {
  const film = encoded('256x144', 60, 'fast', 0);
  const lengths = values.lengths.split(',').map(Number);
  const rows = await lengthRows(film, lengths, 'exact', values.films);
  report.lengths = rows;
  const head = ['seconds', 'CPU s', 'CPU ms a second', 'wall s', 'peak MiB', 'keyframes'];
  const cells = rows.map(({ seconds, cpu, wall, peakMemoryMiB, keyframes }) => {
    return [String(seconds), cpu, (cpu * 1000) / seconds, wall, peakMemoryMiB, String(keyframes)];
  });
  tell('Lengths: 256x144', tableOf(head, cells));
  const curve = (of: (row: (typeof rows)[number]) => number) => rows.map((row) => [row.seconds, of(row)] as const);
  plot('length-cpu.svg', 'CPU time against length', 'seconds of video', 'CPU seconds', [
    { name: 'whole command', points: curve(({ cpu }) => cpu) },
  ]);
  plot('length-memory.svg', 'Memory against length', 'seconds of video', 'peak MiB', [
    { name: 'all processes', points: curve(({ peakMemoryMiB }) => peakMemoryMiB) },
  ]);
}

if (values.still !== undefined && sections.includes('still')) {
  const rows: StillRow[] = [];
  for (const clip of values.still.split(',')) {
    for (const noise of [0, 8]) {
      const file = buildStill(join(clips, clip), Number(values['still-seconds']), noise, values.films);
      rows.push(await stillRow(file, 'exact', config));
    }
  }
  report.still = rows;
  const cells = rows.map(({ clip, ratio, cpu, falseCuts, keyframes, captions }) => {
    return [clip, ratio, cpu, String(falseCuts), String(keyframes), String(captions)];
  });
  const head = ['video', 'over plain decoding', 'CPU s', 'false cuts', 'keyframes', 'of them captioned'];
  tell(`A still camera: ${values['still-seconds']} s, exact`, tableOf(head, cells));
}

if (sections.includes('workers') && existsSync(values.workers)) {
  const runs = z
    .looseObject({ rows: z.array(z.looseObject({ workers: z.number(), videosPerHour: z.number() })) })
    .parse(JSON.parse(readFileSync(values.workers, 'utf8')));
  const points = runs.rows.map(({ workers, videosPerHour }) => [workers, videosPerHour] as const);
  plot('workers.svg', 'Videos an hour against workers', 'workers', 'videos an hour', [{ name: 'measured', points }]);
}

writeFileSync(join(values.out, 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(join(values.out, 'bench.md'), `${pages.join('\n\n')}\n`);

function filmOf(size: string, seconds: number, pace: string): Film {
  if (!isPace(pace)) throw new Error(`Expected a pace (${Object.keys(PACES).join(', ')}), got ${pace}`);
  return buildFilm(clipsOf(clips as string), { seconds, size, seed, pace }, values.films);
}

function encoded(size: string, seconds: number, pace: string, noise: number): Film {
  const film = filmOf(size, seconds, pace);
  const args = ENCODINGS['x264.mp4'] ?? [];
  if (noise === 0) return encodeFilm(film, 'x264.mp4', args);
  return encodeFilm(film, `noise${noise}-x264.mp4`, ['-vf', `noise=alls=${noise}:allf=t`, ...args]);
}

function isPace(pace: string): pace is Pace {
  return Object.hasOwn(PACES, pace);
}

function tell(title: string, page: string): void {
  pages.push(`## ${title}\n\n${page}`);
  console.log(`${title}\n\n${page}\n`);
}

function plot(file: string, title: string, x: string, y: string, curves: Parameters<typeof plotSvg>[0]['curves']) {
  writeFileSync(join(values.out, file), plotSvg({ title, x, y, curves }));
}
