import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FrameStats, STATS_HEAD, statsLine } from '../../src/media/frame-stats.ts';
import type { TinyFrame } from '../../src/media/frames.ts';
import { createShotDetector, SHOT_LAG_SECONDS } from '../../src/media/shots.ts';
import {
  boundariesOf,
  film,
  flat,
  hash,
  MILLISECONDS,
  mix,
  picture,
  type Scene,
  scene,
  sequence,
} from './drawn-frames.ts';

const a = scene(1);
const b = scene(2);
const c = scene(3);

function cutsOf(show: Scene, seconds: number, rate: number | readonly number[] = 25): number[] {
  return boundariesOf(film(show, seconds, rate)).map((boundary) => boundary.shotTicks);
}

describe('cuts', () => {
  test('are found at the first frame of the new shot', () => {
    expect(boundariesOf(film(sequence([a, 2], [b, 2], [c, 2]), 6))).toEqual([
      { startTicks: 2000, endTicks: 2000, transition: 'cut', shotTicks: 2000 },
      { startTicks: 4000, endTicks: 4000, transition: 'cut', shotTicks: 4000 },
    ]);
  });

  test('are found at 10, 25 and 60 frames a second, and with a frame a second', () => {
    for (const rate of [10, 25, 60, 1]) expect(cutsOf(sequence([a, 3], [b, 3]), 6, rate), `${rate}`).toEqual([3000]);
  });

  test('are found where frames come unevenly, seconds apart or each twice', () => {
    const uneven = Array.from({ length: 60 }, (_, i) => i * 0.1 + 0.06 * hash(i));
    expect(cutsOf(sequence([a, 3], [b, 3]), 6, uneven)).toEqual([Math.round((uneven.find((t) => t >= 3) ?? 0) * 1000)]);
    expect(cutsOf(sequence([a, 20], [b, 20]), 40, [0, 10, 20, 30])).toEqual([20_000]);
    const twice = Array.from({ length: 150 }, (_, i) => i * 0.04);
    const show = sequence([a, 3], [b, 3]);
    expect(cutsOf((t) => show(Math.floor(t / 0.08 + 1e-6) * 0.08), 6, twice)).toEqual([3040]);
  });

  test('are found 0.2 s apart, also between two shots that take turns at 10 frames a second', () => {
    const rapid = sequence([a, 1], [b, 0.2], [c, 0.2], [a, 0.2], [b, 0.2], [c, 1]);
    expect(cutsOf(rapid, 2.8)).toEqual([1000, 1200, 1400, 1600, 1800]);
    expect(cutsOf(sequence([a, 1], [b, 0.2], [a, 0.2], [b, 0.2], [a, 1]), 2.6, 10)).toEqual([1000, 1200, 1400, 1600]);
  });

  test('are found 0.2 s apart where only every fourth frame was decoded', () => {
    const shots = [10, 11, 12, 13, 14, 15].map((seed): [Scene, number] => [scene(seed), seed % 5 ? 0.2 : 1]);
    const sparse = film(sequence(...shots), 2.8).filter((_, index) => index % 4 === 0);
    // The first frames at or after the cuts.
    expect(boundariesOf(sparse).map(({ shotTicks }) => shotTicks)).toEqual([1120, 1280, 1440, 1600, 1920]);
  });

  test('are found on both sides of a shot of seconds of which one frame was decoded', () => {
    const before = Array.from({ length: 50 }, (_, i) => i * 0.04);
    const after = Array.from({ length: 50 }, (_, i) => 4 + i * 0.04);
    expect(cutsOf(sequence([a, 2], [b, 2], [a, 2]), 6, [...before, 2, ...after])).toEqual([2000, 4000]);
  });

  test('are found behind black bars at the sides, and in the dark', () => {
    const narrow =
      (show: Scene): Scene =>
      (t) => {
        const whole = show(t);
        let at = 0;
        return picture((x, _y, plane) => {
          const value = whole[at++] ?? 0;
          return x > 0.34 && x < 0.66 ? value : plane === 0 ? 16 : 128;
        });
      };
    const dark =
      (show: Scene): Scene =>
      (t) =>
        mix(flat(16), show(t), 0.2);
    expect(cutsOf(sequence([narrow(a), 2], [narrow(b), 2]), 4)).toEqual([2000]);
    expect(cutsOf(sequence([dark(a), 2], [dark(b), 2]), 4)).toEqual([2000]);
  });
});

describe('no boundary is seen', () => {
  const quiet: Record<string, Scene> = {
    'in a still picture': () => a(0),
    'in a fast pan': scene(4, 1.2),
    'in a white flash of two frames': (t) => (t >= 2 && t < 2.08 ? flat(235) : a(t)),
    'in a black gap of one frame': (t) => (t >= 2 && t < 2.04 ? flat(16) : a(t)),
    'in a flash that dies away': (t) => mix(a(t), flat(235), t < 2 ? 0 : 0.9 - (t - 2) * 3),
    'in a strobe light': (t) => (Math.floor(t * 8) % 2 ? mix(flat(16), a(t), 0.35) : a(t)),
    'where the light is switched': (t) => (t > 2 ? mix(flat(16), a(t), 0.4) : a(t)),
    'where the light goes down slowly': (t) => mix(flat(16), a(t), 1 - Math.min(0.7, t * 0.3)),
    'where someone walks through the picture': (t) => walker(a(t), t / 3 - 0.2),
    'where a picture in the picture appears': (t) => (t > 2 ? inset(a(t), b(t)) : a(t)),
    'where the film is noisy': (t) => a(t).map((value, i) => value + 30 * (hash(i, Math.round(t * 25)) - 0.5)),
    'where a fade opens and another ends it': (t) => mix(flat(16), a(t), Math.min(t, 4 - t) * 1.5 - 0.2),
    'in black alone': () => flat(16),
  };
  for (const [name, show] of Object.entries(quiet)) test(name, () => expect(boundariesOf(film(show, 4))).toEqual([]));
});

describe('gradual transitions', () => {
  test.for([0.4, 0.8, 1.4])('a dissolve of %d s starts the new shot at its middle', (length) => {
    const show: Scene = (t) => mix(a(t), b(t), (t - 2) / length);
    const [boundary, ...more] = boundariesOf(film(show, 6));
    expect(more).toEqual([]);
    expect(boundary?.transition).toBe('dissolve');
    expect(Math.abs((boundary?.shotTicks ?? 0) - 2000 - length * 500)).toBeLessThanOrEqual(120);
    expect(boundary?.startTicks).toBeGreaterThan(1700);
    expect(boundary?.endTicks).toBeLessThan(2300 + length * 1000);
  });

  test.for([
    ['black', 16],
    ['white', 235],
  ] as const)('a fade through %s starts the new shot where it is deepest', ([, level]) => {
    const show: Scene = (t) => mix(t < 3 ? a(t) : b(t), flat(level), 1.2 - Math.abs(t - 3) * 1.5);
    const [boundary, ...more] = boundariesOf(film(show, 6));
    expect(more).toEqual([]);
    expect(boundary?.transition).toBe('fade');
    expect(Math.abs((boundary?.shotTicks ?? 0) - 3000)).toBeLessThanOrEqual(80);
    expect(boundary?.startTicks).toBeLessThan(2600);
    expect(boundary?.endTicks).toBeGreaterThan(3400);
  });

  test('a cut with one blended frame is one cut', () => {
    const found = boundariesOf(film((t) => mix(a(t), b(t), t < 1.99 ? 0 : t < 2.03 ? 0.5 : 1), 4));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ transition: 'cut' });
  });

  test('a flash on a cut leaves one boundary', () => {
    const found = boundariesOf(film((t) => (t < 2 ? a(t) : t < 2.08 ? flat(235) : b(t)), 4));
    expect(found).toHaveLength(1);
    expect(Math.abs((found[0]?.shotTicks ?? 0) - 2000)).toBeLessThanOrEqual(80);
  });

  test('after ten seconds of black the new shot starts where the picture comes back', () => {
    const found = boundariesOf(film(sequence([a, 2], [() => flat(16), 10], [b, 2]), 14));
    expect(found.map((boundary) => boundary.shotTicks)).toEqual([12_000]);
  });
});

describe('where frames are left out', () => {
  /** Of five frames of 40 ms the first and the fourth are decoded, as of four B-frames in a row that one of them leans on. */
  const decoded = (until: number) =>
    Array.from({ length: until * 25 }, (_, index) => index).filter((n) => [0, 3].includes(n % 5));

  test.each([100, 101, 102, 103, 104])('a cut at frame %i is told at most one frame off', (frame) => {
    const times = decoded(8).map((n) => n / 25);
    const found = boundariesOf(film(sequence([a, frame / 25], [b, 4]), 8, times), { sparseStepTicks: 40 });
    expect(found).toHaveLength(1);
    expect(Math.abs((found[0]?.shotTicks ?? 0) - frame * 40)).toBeLessThanOrEqual(40);
  });

  test('a shot after a frame that stood longer than any row of B-frames starts where it shows', () => {
    const times = decoded(8).map((n) => n / 25);
    const still = times.filter((time) => time < 3.7 || time >= 4);
    const found = boundariesOf(film(sequence([a, 4], [b, 4]), 8, still), { sparseStepTicks: 40 });
    expect(found.map(({ shotTicks }) => shotTicks)).toEqual([4000]);
  });
});

describe('a stream', () => {
  const shotLengths = fc.array(fc.integer({ min: 4, max: 60 }), { minLength: 1, maxLength: 6 });
  const stills = [10, 11, 12, 13, 14, 15].map((seed) => scene(seed)(0));
  const showOf = (lengths: readonly number[]): Scene =>
    sequence(...lengths.map((length, i) => [() => stills[i] as Uint8Array, length / 20] as const));
  const secondsOf = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + length, 0) / 20;

  test('gives boundaries in order, never before what was settled, and no later than promised', () => {
    fc.assert(
      fc.property(shotLengths, fc.integer({ min: 8, max: 50 }), (lengths, rate) => {
        const detector = createShotDetector(MILLISECONDS);
        let settled = 0;
        let last = -1;
        for (const frame of film(showOf(lengths), Math.ceil(secondsOf(lengths)), rate)) {
          for (const { startTicks, shotTicks, endTicks } of detector.push(frame)) {
            expect(startTicks).toBeGreaterThanOrEqual(settled);
            expect(startTicks).toBeLessThanOrEqual(shotTicks);
            expect(shotTicks).toBeLessThanOrEqual(endTicks);
            expect(startTicks).toBeGreaterThan(last);
            last = endTicks;
          }
          expect(detector.settledTicks).toBeGreaterThanOrEqual(settled);
          settled = detector.settledTicks;
          expect(settled).toBeGreaterThanOrEqual(frame.ticks - SHOT_LAG_SECONDS * 1000 - 1);
        }
        for (const { startTicks } of detector.finish()) expect(startTicks).toBeGreaterThanOrEqual(settled);
      }),
      { numRuns: 10 },
    );
  });

  test('gives a segment with three seconds around it the boundaries of the whole', () => {
    const fade: Scene = (t) => mix(t < 11 ? a(t) : b(t), flat(16), 1.1 - Math.abs(t - 11) * 1.5);
    const show: Scene = (t) =>
      t < 5 ? sequence([a, 2.2], [b, 1.1], [c, 2])(t) : t < 9 ? mix(c(t), a(t), (t - 6.3) / 1.1) : fade(t);
    const frames = film(show, 15);
    const whole = boundariesOf(frames);
    expect(whole).toHaveLength(4);
    for (let start = 0; start < 12; start += 0.5) {
      const end = start + 3;
      const inside = ({ ticks }: { ticks: number }) => ticks >= (start - 3) * 1000 && ticks < (end + 3) * 1000;
      const isMine = ({ shotTicks }: { shotTicks: number }) => shotTicks >= start * 1000 && shotTicks < end * 1000;
      expect(boundariesOf(frames.filter(inside)).filter(isMine), `${start}`).toEqual(whole.filter(isMine));
    }
  });

  test('may use one buffer for all frames', () => {
    const frames = film(sequence([a, 2], [b, 2]), 4);
    const detector = createShotDetector(MILLISECONDS);
    const yuv = new Uint8Array(frames[0]?.yuv.length ?? 0);
    const found = frames.flatMap((frame) => {
      yuv.set(frame.yuv);
      return detector.push({ ticks: frame.ticks, yuv });
    });
    expect([...found, ...detector.finish()]).toEqual(boundariesOf(frames));
  });

  test('of no frame or one has no boundary', () => {
    expect(boundariesOf([])).toEqual([]);
    expect(boundariesOf(film(a, 1, [0]))).toEqual([]);
  });
});

function walker(background: Uint8Array, place: number): Uint8Array {
  let at = 0;
  return picture((x, y, plane) => {
    const behind = background[at++] ?? 0;
    return Math.abs(x - place) < 0.1 && y > 0.2 ? ([50, 110, 150][plane] ?? 0) : behind;
  });
}

function inset(background: Uint8Array, other: Uint8Array): Uint8Array {
  let at = 0;
  return picture((x, y) => {
    const behind = background[at] ?? 0;
    const front = other[at++] ?? 0;
    return x > 0.55 && x < 0.95 && y > 0.55 && y < 0.95 ? front : behind;
  });
}

describe('statistics', () => {
  const statsOf = (frames: readonly TinyFrame[]) => {
    const stats: FrameStats[] = [];
    const detector = createShotDetector(MILLISECONDS, { onStats: (one) => stats.push(one) });
    const boundaries = [...frames.flatMap((frame) => detector.push(frame)), ...detector.finish()];
    return {
      stats,
      cuts: boundaries.filter(({ transition }) => transition === 'cut').map(({ shotTicks }) => shotTicks),
    };
  };

  test('tell of every frame in turn, and call likely what is a cut and nothing else', () => {
    const shots: [Scene, number][] = Array.from({ length: 40 }, (_, seed) => [
      (t) => mix(scene(seed, 0.5)(t), scene(seed + 1)(t), 0.7 * hash(seed, 1)),
      0.12 + hash(seed, 2),
    ]);
    const frames = film(sequence(...shots), 24);
    const { stats, cuts } = statsOf(frames);
    expect(stats.map(({ ticks }) => ticks)).toEqual(frames.map(({ ticks }) => ticks));
    const likely = stats.filter(({ evidence }) => (evidence?.probability ?? 0) >= 0.5).map(({ ticks }) => ticks);
    expect(cuts.length).toBeGreaterThan(5);
    expect(cuts.length).toBeLessThan(39);
    expect(cuts).toEqual(likely.filter((ticks) => cuts.includes(ticks)));
    // A fade or dissolve that covers a cut takes its place.
    expect(likely.length - cuts.length).toBeLessThanOrEqual(1);
  });

  test('are lines of CSV', () => {
    const { stats } = statsOf(film(sequence([a, 1], [b, 1]), 2));
    const columns = STATS_HEAD.trim().split(',');
    const lines = stats.map((one) => statsLine(one, MILLISECONDS).trim().split(','));
    expect(lines.every(({ length }) => length === columns.length)).toBe(true);
    const likely = lines.filter((line) => Number(line[columns.indexOf('cut_probability')]) >= 0.5);
    expect(likely.map(([time]) => time)).toEqual(['1000']);
  });
});
