import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rational } from '../src/domain/time.ts';
import type { TinyFrame } from '../src/media/frames.ts';
import { type Boundary, createShotDetector } from '../src/media/shots.ts';
import { loadFootage, makeCases } from './shot-cases.ts';
import { FOOTAGE } from './shot-footage.ts';
import type { Reduction } from './shot-looks.ts';
import { compare, describe, figures, type KnownCut } from './shot-scores.ts';
import { decodeTiny } from './tiny-frames.ts';

/**
 * Scores shot detection. `npx tsx bench/shots.ts real [scaler]`: the videos of the shared manifest with known cuts.
 * `npx tsx bench/shots.ts tune|report|fresh [neighbour|area]`: videos cut together from pieces of its natural clips.
 */
const videos = join(process.env.FRAMESCRIBE_SHARED ?? '../shared', 'videos');
const [what = 'real', scaler] = process.argv.slice(2);
if (what === 'tune' || what === 'report' || what === 'fresh')
  scoreCases(what, scaler === 'area' ? 'area' : 'neighbour');
else scoreManifest(scaler ?? 'fast_bilinear');

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
    // A camera that zooms out in one take: nothing to find, whatever its row says.
    const isCameraMove = (cut: KnownCut) => cut.type.startsWith('fast pan');
    const known = [...cuts, ...inner.map((cut) => ({ ...cut, time: cut.time + 98 }))].filter(
      (cut) => !isCameraMove(cut),
    );
    const score = compare(
      found.map((one) => inSeconds(one.shotTicks, timeBase)),
      known,
    );
    const incomplete = path.includes('tears-of-steel');
    total.hits += score.hits;
    total.missed += score.missed.length;
    if (!incomplete) total.extra += score.extra.length;
    const left = cuts.some(isCameraMove) ? ' (its camera move is not counted as a cut)' : '';
    console.log(describe(path, frames.length, score, incomplete ? ' (list incomplete)' : left));
  }
  console.log(
    `all: ${figures(total.hits, total.missed, total.extra)}; ${(cpuMs / frameCount).toFixed(3)} ms of CPU a frame`,
  );
}

function scoreCases(set: keyof typeof FOOTAGE, reduction: Reduction): void {
  const footage = FOOTAGE[set].map((piece) => ({ ...piece, path: join(videos, piece.path) }));
  const seed = Object.keys(FOOTAGE).indexOf(set) + 1;
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

function inSeconds(ticks: number, timeBase: Rational): number {
  return (ticks * timeBase.num) / timeBase.den;
}
