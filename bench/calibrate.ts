/**
 * Fits how sure a cut is, and tells how well that holds elsewhere: `npx tsx bench/calibrate.ts <film.json,…> <film.json,…>`. A film's
 * JSON is what `buildFilm` gives (`file`, `cuts`). Fits on the first films and the `tune` cases of `bench/shots.ts`; tells the
 * reliability on the second films and the `report` and `fresh` cases.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rational } from '../src/domain/time.ts';
import { type CutMargins, probabilityOf, weakestMargin } from '../src/media/cut-probability.ts';
import type { FrameStats } from '../src/media/frame-stats.ts';
import type { TinyFrame } from '../src/media/frames.ts';
import { createShotDetector } from '../src/media/shots.ts';
import type { Film } from './film.ts';
import { loadFootage, makeCases } from './shot-cases.ts';
import { FOOTAGE } from './shot-footage.ts';
import { tableOf } from './table.ts';
import { decodeTiny } from './tiny-frames.ts';

interface Sample {
  readonly margins: CutMargins;
  readonly isCut: boolean;
}

const videos = join(process.env.FRAMESCRIBE_SHARED ?? '../shared', 'videos');
const [fitted = [], others = []] = process.argv.slice(2).map((list) => list.split(','));
const fit = [...casesOf('tune'), ...fitted.flatMap(samplesOfFilm)];
const held = [...casesOf('report'), ...casesOf('fresh'), ...others.flatMap(samplesOfFilm)];

let best = {
  loss: Number.POSITIVE_INFINITY,
  weights: { step: 1, ratio: 1, newness: 1, flash: -1 },
  above: 1,
  below: 1,
};
const scales = [0.5, 1, 2, 4];
for (const ratio of scales)
  for (const newness of [...scales, 8])
    for (const flash of [-0.25, -0.5, -1, -2]) {
      const weights = { step: 1, ratio, newness, flash };
      const weakest = fit.map(({ margins }) => weakestMargin(margins, weights));
      for (const above of SLOPES())
        for (const below of SLOPES()) {
          const loss = lossOf(fit, weakest, above, below);
          if (loss < best.loss) best = { loss, weights, above, below };
        }
    }
console.log(best, `${fit.length} frames, ${fit.filter(({ isCut }) => isCut).length} cuts`);
const weakest = held.map(({ margins }) => weakestMargin(margins, best.weights));
console.log(`log loss elsewhere ${lossOf(held, weakest, best.above, best.below).toFixed(4)}`);
const EDGES = [0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.001];
const rows = EDGES.slice(1).flatMap((high, index) => {
  const low = EDGES[index] ?? 0;
  const inside = held.flatMap((sample, at) => {
    const probability = probabilityOf(weakest[at] ?? 0, best.above, best.below);
    return probability >= low && probability < high ? [{ ...sample, probability }] : [];
  });
  if (inside.length === 0) return [];
  const said = inside.reduce((sum, { probability }) => sum + probability, 0) / inside.length;
  const true_ = inside.filter(({ isCut }) => isCut).length;
  const share = (true_ / inside.length).toFixed(3);
  return [[`${low} to ${Math.min(1, high)}`, String(inside.length), String(true_), said.toFixed(3), share]];
});
console.log(tableOf(['probability', 'frames', 'cuts', 'mean said', 'share of cuts'], rows));

function SLOPES(): readonly number[] {
  return [1, 1.5, 2, 3, 4, 6, 8, 12, 16];
}

function lossOf(samples: readonly Sample[], margins: readonly number[], above: number, below: number): number {
  const losses = samples.map(({ isCut }, at) => {
    const probability = Math.min(1 - 1e-4, Math.max(1e-4, probabilityOf(margins[at] ?? 0, above, below)));
    return -Math.log(isCut ? probability : 1 - probability);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function casesOf(set: keyof typeof FOOTAGE): readonly Sample[] {
  const footage = FOOTAGE[set].map((piece) => ({ ...piece, path: join(videos, piece.path) }));
  const seed = Object.keys(FOOTAGE).indexOf(set) + 1;
  // Of gradual transitions, no single frame is a cut.
  const cases = makeCases(loadFootage(footage), 'neighbour', seed).filter(({ name }) => !/dissolve|fade/.test(name));
  return cases.flatMap(({ frames, cutsSeconds }) => samplesOf(frames, { num: 1, den: 1000 }, cutsSeconds));
}

function samplesOfFilm(path: string): readonly Sample[] {
  const film = JSON.parse(readFileSync(path, 'utf8')) as Film;
  const { frames, timeBase } = decodeTiny(film.file, 'neighbor');
  return samplesOf(
    frames,
    timeBase,
    film.cuts.map(({ seconds }) => seconds),
  );
}

/** Frames with evidence, and every cut, found or not. */
function samplesOf(frames: readonly TinyFrame[], { num, den }: Rational, cuts: readonly number[]): readonly Sample[] {
  const samples: Sample[] = [];
  const onStats = ({ ticks, evidence }: FrameStats) => {
    if (evidence === null) return;
    const seconds = (ticks * num) / den;
    samples.push({ margins: evidence.margins, isCut: cuts.some((cut) => Math.abs(cut - seconds) < 0.045) });
  };
  const detector = createShotDetector({ num, den }, { onStats });
  for (const frame of frames) detector.push(frame);
  detector.finish();
  return samples;
}
