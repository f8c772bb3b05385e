import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScannedShot } from '../../src/domain/scan.ts';
import { type ChosenKeyframe, createKeyframeChooser } from '../../src/media/keyframes.ts';
import { createPieceFinder, type Finding, type KeyframeCandidate } from '../../src/media/pieces.ts';
import type { Boundary } from '../../src/media/shots.ts';
import { MILLISECONDS } from './drawn-frames.ts';

const WINDOW_MS = 10_000;

interface Chosen {
  readonly shots: readonly ScannedShot[];
  readonly chosen: readonly ChosenKeyframe<KeyframeCandidate>[];
}

/** A different picture each time, unless a look is given. */
function candidate(ticks: number, changes: Partial<KeyframeCandidate> & { look?: number } = {}): KeyframeCandidate {
  const { look = ticks, ...measures } = changes;
  const signature = Uint8Array.from({ length: 432 }, (_, i) => 40 + ((i * 37 + look * 101 + i * look * 13) % 170));
  return { ticks, sharpness: 100, brightness: 0.4, signature, ...measures };
}

function every(stepMs: number, endMs: number): KeyframeCandidate[] {
  return Array.from({ length: Math.ceil(endMs / stepMs) }, (_, i) => candidate(i * stepMs));
}

function cut(ticks: number): Boundary {
  return { startTicks: ticks, endTicks: ticks, transition: 'cut', shotTicks: ticks };
}

/** Feeds candidates and boundaries as a scan does, settling every `stride` candidates. */
function choose(
  candidates: readonly KeyframeCandidate[],
  boundaries: readonly Boundary[],
  endTicks: number,
  stride = 1,
) {
  const finder = createPieceFinder(MILLISECONDS, WINDOW_MS);
  const chooser = createKeyframeChooser(MILLISECONDS, WINDOW_MS);
  const shots: ScannedShot[] = [];
  const chosen: ChosenKeyframe<KeyframeCandidate>[] = [];
  const take = (selection: Chosen) => {
    shots.push(...selection.shots);
    chosen.push(...selection.chosen);
  };
  const find = (findings: readonly Finding<KeyframeCandidate>[]) =>
    take(chooser.take(findings, Math.min(finder.doneTicks, endTicks)));
  let settled = 0;
  for (const [i, one] of candidates.entries()) {
    finder.push(one);
    if (i % stride !== 0) continue;
    const until = Math.max(settled, one.ticks - 2700);
    find(
      finder.settle(
        boundaries.filter((b) => b.startTicks >= settled && b.startTicks < until),
        until,
      ),
    );
    settled = until;
  }
  find(
    finder.settle(
      boundaries.filter((b) => b.startTicks >= settled),
      endTicks,
    ),
  );
  find(finder.finish(endTicks));
  take(chooser.finish(endTicks));
  return { shots, chosen };
}

const ticksOf = ({ chosen }: Chosen) => chosen.map((one) => one.candidate.ticks);

describe('shots', () => {
  test('lie between the boundaries and tell how they begin', () => {
    const fade: Boundary = { startTicks: 3500, endTicks: 4500, transition: 'fade', shotTicks: 4000 };
    expect(choose(every(250, 9000), [cut(2000), fade], 9000).shots).toEqual([
      { index: 0, startTicks: 0, endTicks: 2000, transition: 'start' },
      { index: 1, startTicks: 2000, endTicks: 4000, transition: 'cut' },
      { index: 2, startTicks: 4000, endTicks: 9000, transition: 'fade' },
    ]);
  });

  test('without a boundary are one, even where there is no picture', () => {
    expect(choose([], [], 5000)).toEqual({
      shots: [{ index: 0, startTicks: 0, endTicks: 5000, transition: 'start' }],
      chosen: [],
    });
  });

  test('without a candidate of their own have no keyframe', () => {
    const { shots, chosen } = choose(every(500, 3000), [cut(1050), cut(1250)], 3000);
    expect(shots).toHaveLength(3);
    expect(chosen.map((one) => one.shot)).toEqual([0, 2]);
  });
});

describe('the keyframe of a short shot', () => {
  test('is the sharpest, and where all are as sharp one that is clear of the cuts', () => {
    const sharp = every(250, 6000).map((one) => (one.ticks === 3000 ? candidate(3000, { sharpness: 300 }) : one));
    expect(ticksOf(choose(sharp, [cut(2000), cut(5000)], 6000))[1]).toBe(3000);
    expect(ticksOf(choose(every(250, 6000), [cut(2000), cut(4000)], 6000))[1]).toBe(3000);
  });

  test('is never within 80 ms of a cut or inside a transition, be it ever so sharp, where there is another', () => {
    const dissolve: Boundary = { startTicks: 2000, endTicks: 3000, transition: 'dissolve', shotTicks: 2500 };
    const sharp = every(250, 6000).map((one) =>
      [2250, 2500, 2750, 4950].includes(one.ticks) ? candidate(one.ticks, { sharpness: 9000 }) : one,
    );
    const chosen = ticksOf(
      choose([...sharp, candidate(6040, { sharpness: 9000 }), candidate(6500)], [dissolve, cut(6000)], 7000),
    );
    expect(chosen).toHaveLength(3);
    for (const ticks of chosen) expect(ticks >= 2000 && ticks <= 3000).toBe(false);
    expect(chosen).not.toContain(6040);
  });

  test('is not black or white unless nothing else is there', () => {
    const black = { sharpness: 0, brightness: 0.01 };
    const candidates = [0, 500, 1000, 1500].map((ticks) => candidate(ticks, ticks === 1500 ? { sharpness: 3 } : black));
    expect(ticksOf(choose(candidates, [], 2000))).toEqual([1500]);
    expect(choose(candidates.slice(0, 3), [], 1500).chosen).toHaveLength(1);
  });

  test('is there for a shot of 0.2 s that has only a picture next to its cut', () => {
    expect(ticksOf(choose([candidate(0), candidate(1050), candidate(1500)], [cut(1000), cut(1200)], 2500))).toContain(
      1050,
    );
  });

  test('is one, also where the shot crosses the border of two windows', () => {
    expect(choose(every(250, 20_000), [cut(6000), cut(14_000)], 20_000).chosen).toHaveLength(3);
  });
});

describe('a long shot', () => {
  test('has one keyframe for each window, and none for slivers at its ends', () => {
    const { chosen } = choose(every(500, 52_000), [cut(8500), cut(41_000)], 52_000);
    expect(chosen.filter((one) => one.shot === 1).map((one) => Math.floor(one.candidate.ticks / WINDOW_MS))).toEqual([
      1, 2, 3,
    ]);
  });

  test('keeps a sliver where the other windows have no picture', () => {
    expect(ticksOf(choose([candidate(0), candidate(500)], [], 100_000))).toEqual([0]);
    expect(ticksOf(choose([candidate(9000)], [cut(8500)], 30_000))).toEqual([9000]);
  });

  test('tells its keyframes while it goes on, holding only the last few pictures', () => {
    const finder = createPieceFinder(MILLISECONDS, WINDOW_MS);
    const chooser = createKeyframeChooser(MILLISECONDS, WINDOW_MS);
    let told = 0;
    for (let ticks = 0; ticks < 3_600_000; ticks += 500) {
      finder.push(candidate(ticks));
      told += chooser.take(finder.settle([], Math.max(0, ticks - 2700)), finder.doneTicks).chosen.length;
      expect(told).toBeGreaterThanOrEqual(Math.floor((ticks - 5000) / WINDOW_MS));
    }
    told += chooser.take(finder.finish(3_600_000), 3_600_000).chosen.length;
    expect(told + chooser.finish(3_600_000).chosen.length).toBe(360);
  });
});

describe('keyframes that look the same', () => {
  const sameAsOf = (candidates: readonly KeyframeCandidate[], boundaries: readonly Boundary[], end: number) =>
    choose(candidates, boundaries, end).chosen.map((one) => one.sameAs);
  const still = (look: number, from: number, to: number) =>
    every(500, to)
      .filter((one) => one.ticks >= from)
      .map((one) => candidate(one.ticks, { look }));

  test('in one shot name the first of them', () => {
    expect(sameAsOf(still(1, 0, 40_000), [], 40_000)).toEqual([null, 0, 0, 0]);
  });

  test('in shots that take turns name the first of their kind', () => {
    const turns = [1, 2, 1, 2, 1].flatMap((look, i) => still(look, i * 2000, (i + 1) * 2000));
    expect(sameAsOf(turns, [2000, 4000, 6000, 8000].map(cut), 10_000)).toEqual([null, null, 0, 1, 0]);
  });
});

const timeline = fc.record({
  end: fc.integer({ min: 1000, max: 90_000 }),
  cuts: fc.uniqueArray(fc.integer({ min: 120, max: 89_000 }), { maxLength: 25 }),
  step: fc.integer({ min: 200, max: 700 }),
  sharpness: fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 3, maxLength: 20 }),
});

function played({ end, cuts, step, sharpness }: typeof timeline extends fc.Arbitrary<infer T> ? T : never) {
  const boundaries = cuts
    .filter((ticks) => ticks < end)
    .sort((one, other) => one - other)
    .map(cut);
  const candidates = every(step, end).map((one, i) => ({ ...one, sharpness: sharpness[i % sharpness.length] ?? 0 }));
  return { end, boundaries, candidates };
}

test('shots tile the video, keyframes lie inside their shots in order of time, and no shot of 1.5 s is without', () => {
  fc.assert(
    fc.property(timeline, (drawn) => {
      const { end, boundaries, candidates } = played(drawn);
      const { shots, chosen } = choose(candidates, boundaries, end);
      expect(shots.map((shot) => shot.startTicks)).toEqual([0, ...boundaries.map((one) => one.shotTicks)]);
      expect(shots.map((shot) => shot.endTicks)).toEqual([...boundaries.map((one) => one.shotTicks), end]);
      let last = -1;
      for (const { candidate: picture, shot } of chosen) {
        expect(picture.ticks).toBeGreaterThan(last);
        last = picture.ticks;
        expect(picture.ticks).toBeGreaterThanOrEqual(shots[shot]?.startTicks ?? Number.NaN);
        expect(picture.ticks).toBeLessThan(shots[shot]?.endTicks ?? Number.NaN);
      }
      for (const { index, startTicks, endTicks } of shots) {
        if (endTicks - startTicks >= 1500) expect(chosen.some((one) => one.shot === index)).toBe(true);
      }
    }),
  );
});

test('the choice does not depend on how often it is settled', () => {
  fc.assert(
    fc.property(timeline, fc.integer({ min: 2, max: 200 }), (drawn, stride) => {
      const { end, boundaries, candidates } = played(drawn);
      expect(choose(candidates, boundaries, end, stride)).toEqual(choose(candidates, boundaries, end));
    }),
  );
});
