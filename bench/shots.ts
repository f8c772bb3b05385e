import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRational, type Rational } from '../src/domain/time.ts';
import { TINY_BYTES, TINY_HEIGHT, TINY_WIDTH, type TinyFrame } from '../src/media/frames.ts';
import { type Boundary, createShotDetector } from '../src/media/shots.ts';
import { type Footage, loadFootage, makeCases, type Reduction } from './shot-cases.ts';

/**
 * Scores shot detection. `npx tsx bench/shots.ts [real|tune|report] [scaler]`: the videos of the manifest with known
 * cuts, or videos cut together from one half of the natural clips (constants are tuned on `tune` only).
 */
const shared = process.env.FRAMESCRIBE_SHARED ?? '../shared';
const videos = join(shared, 'videos');
const [what = 'real', scaler = 'fast_bilinear'] = process.argv.slice(2);
if (what === 'real') scoreManifest(scaler);
else
  scoreCases(what === 'tune' ? TUNING() : REPORT(), scaler === 'area' ? 'area' : 'neighbour', what === 'tune' ? 1 : 2);

function TUNING(): Footage[] {
  return [
    piece('flower.mp4', 0, 5),
    piece('friday.mp4', 0, 6),
    piece('bottle-detection.mp4', 2, 6),
    piece('one-by-one-person-detection.mp4', 20, 6),
    piece('asl_walk.mkv', 0, 2.9),
    piece('classroom.gif', 0, 2.9),
    piece('big_buck_bunny_0_30.webm', 5, 6),
    piece('nasa_13013_two_video_tracks.mp4', 1.5, 3.2),
    piece('fruit-and-vegetable-detection.gif', 0, 6),
    { path: join(videos, 'odd/file+with+data&streams=works?.mp4'), startSeconds: 3, seconds: 6 },
  ];
}

function REPORT(): Footage[] {
  return [
    piece('stream-of-water.mp4', 0, 3.1),
    piece('chaplin.mp4', 0, 6),
    piece('bug_video_640.mp4', 0, 6),
    piece('car-detection.mp4', 10, 6),
    piece('asl_milk.mkv', 0, 1.7),
    piece('store-aisle-detection.gif', 0, 4.4),
    piece('person-bicycle-car-detection.gif', 0, 3.4),
    piece('big_buck_bunny_0_30.webm', 16.5, 6),
    piece('nasa_13013_two_video_tracks.mp4', 8.2, 4.5),
    piece('plane_video_with_failing_audio.mp4', 4, 3.2),
    { path: join(videos, "odd/awesome'movie.mov"), startSeconds: 0, seconds: 6 },
  ];
}

function piece(name: string, startSeconds: number, seconds: number): Footage {
  return { path: join(videos, 'natural', name), startSeconds, seconds };
}

interface KnownCut {
  readonly time: number;
  readonly type: string;
  readonly from?: number;
  readonly to?: number;
}

function scoreManifest(scaler: string): void {
  const rows = readFileSync(join(videos, 'manifest.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; cuts: KnownCut[] | null });
  const battle = rows.find((row) => row.path.includes('tears-of-steel'))?.cuts ?? [];
  const total = { hits: 0, missed: 0, extra: 0 };
  let cpuMs = 0;
  let frameCount = 0;
  for (const { path, cuts } of rows) {
    if (!cuts) continue;
    const { frames, timeBase } = decodeTiny(join(videos, path), scaler);
    const started = process.cpuUsage();
    const found = detect(frames, timeBase);
    const used = process.cpuUsage(started);
    cpuMs += (used.user + used.system) / 1000;
    frameCount += frames.length;
    // The long video's third piece is the first 40 s of the battle clip, with that clip's own cuts.
    const inner = path.includes('long-168s') ? battle.filter((cut) => cut.time < 40) : [];
    const known = [...cuts, ...inner.map((cut) => ({ ...cut, time: cut.time + 98 }))];
    const score = compare(
      found.map((one) => inSeconds(one.shotTicks, timeBase)),
      known,
    );
    const incomplete = path.includes('tears-of-steel');
    total.hits += score.hits;
    total.missed += score.missed.length;
    if (!incomplete) total.extra += score.extra.length;
    console.log(describe(path, frames.length, score, incomplete ? ' (list incomplete)' : ''));
  }
  console.log(
    `all: ${figures(total.hits, total.missed, total.extra)}; ${(cpuMs / frameCount).toFixed(3)} ms of CPU a frame`,
  );
}

function scoreCases(footage: readonly Footage[], reduction: Reduction, seed: number): void {
  const total = { hits: 0, missed: 0, extra: 0 };
  const groups = new Map<
    string,
    { frames: number; hits: number; missed: number[]; extra: number[]; names: string[] }
  >();
  for (const { name, frames, cutsSeconds } of makeCases(loadFootage(footage), reduction, seed)) {
    const found = detect(frames, { num: 1, den: 1000 });
    const score = compare(
      found.map((one) => one.shotTicks / 1000),
      cutsSeconds.map((time) => ({ time, type: 'hard' })),
    );
    const group = name.replace(/ \d+$/, '');
    const sum = groups.get(group) ?? { frames: 0, hits: 0, missed: [], extra: [], names: [] };
    groups.set(group, {
      frames: sum.frames + frames.length,
      hits: sum.hits + score.hits,
      missed: [...sum.missed, ...score.missed],
      extra: [...sum.extra, ...score.extra],
      names: score.extra.length > 0 ? [...sum.names, name] : sum.names,
    });
    total.hits += score.hits;
    total.missed += score.missed.length;
    total.extra += score.extra.length;
  }
  for (const [group, sum] of groups)
    console.log(describe(group, sum.frames, sum, sum.names.length > 1 ? ` (${sum.names})` : ''));
  console.log(`all: ${figures(total.hits, total.missed, total.extra)}`);
}

function detect(frames: readonly TinyFrame[], timeBase: Rational): Boundary[] {
  const detector = createShotDetector(timeBase);
  return [...frames.flatMap((frame) => detector.push(frame)), ...detector.finish()];
}

interface Score {
  readonly hits: number;
  readonly missed: readonly number[];
  readonly extra: readonly number[];
}

/** A boundary hits a known one at ±0.25 s; one of a gradual transition within its known span ±0.25 s. */
function compare(found: readonly number[], known: readonly KnownCut[]): Score {
  const left = new Set(found);
  const missed: number[] = [];
  for (const { time, from = time, to = time } of known) {
    const near = [...left].filter((one) => one >= from - 0.251 && one <= to + 0.251);
    const hit = near.sort((a, b) => Math.abs(a - time) - Math.abs(b - time))[0];
    if (hit === undefined) missed.push(time);
    else left.delete(hit);
  }
  return { hits: known.length - missed.length, missed, extra: [...left] };
}

function describe(name: string, frames: number, score: Score, note: string): string {
  const list = (label: string, times: readonly number[]) =>
    times.length > 0 ? `, ${label} ${times.map((time) => time.toFixed(2)).join(' ')}` : '';
  const text = figures(score.hits, score.missed.length, score.extra.length);
  return `${name} (${frames} frames): ${text}${list('missed', score.missed)}${list('extra', score.extra)}${note}`;
}

function figures(hits: number, missed: number, extra: number): string {
  const f1 = hits + missed + extra === 0 ? 1 : (2 * hits) / (2 * hits + missed + extra);
  return `${hits} found, ${missed} missed, ${extra} extra, F1 ${f1.toFixed(3)}`;
}

function inSeconds(ticks: number, timeBase: Rational): number {
  return (ticks * timeBase.num) / timeBase.den;
}

function decodeTiny(path: string, scaler: string): { frames: TinyFrame[]; timeBase: Rational } {
  const filter = `scale=${TINY_WIDTH}:${TINY_HEIGHT}:flags=${scaler},format=yuv420p`;
  const input = [
    '-nostdin',
    '-v',
    'error',
    '-copyts',
    '-i',
    path,
    '-map',
    '0:v:0',
    '-fps_mode',
    'passthrough',
    '-vf',
    filter,
  ];
  const bytes = execFileSync('ffmpeg', [...input, '-f', 'rawvideo', 'pipe:1'], {
    maxBuffer: 2e9,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const list = execFileSync(
    'ffmpeg',
    [...input, '-enc_time_base', '-1', '-f', 'framehash', '-hash', 'adler32', 'pipe:1'],
    {
      encoding: 'utf8',
      maxBuffer: 1e9,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const timeBase = parseRational(/#tb 0: (\S+)/.exec(list)?.[1]) ?? { num: 1, den: 1000 };
  const ticks = list
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => Number(line.split(',')[2]));
  const frames = Array.from({ length: Math.min(ticks.length, Math.floor(bytes.length / TINY_BYTES)) }, (_, i) => ({
    ticks: (ticks[i] ?? 0) - (ticks[0] ?? 0),
    yuv: bytes.subarray(i * TINY_BYTES, (i + 1) * TINY_BYTES),
  }));
  return { frames, timeBase };
}
