import { describe, expect, test } from 'vitest';
import { mulberry } from '../../bench/random.ts';
import { estimate, type Survey } from '../../src/backfill/estimate.ts';
import { sampleOf } from '../../src/backfill/sample.ts';

interface Tape {
  readonly bytes: number;
  readonly durationMs: number;
  readonly cpuMs: number;
}

const HOUR = 3_600_000;

/** A made-up archive: lengths from minutes to hours, bit rates that differ, and costs that follow the length, roughly. */
function archive(tapes: number, random: () => number): readonly Tape[] {
  return Array.from({ length: tapes }, () => {
    const durationMs = HOUR * 0.05 * Math.exp(3 * random());
    const bytes = (durationMs / 1000) * 500_000 * (0.7 + 0.6 * random());
    return { durationMs, bytes, cpuMs: 3000 + durationMs * (0.08 + 0.04 * random()) };
  });
}

function survey(tapes: readonly Tape[], looked: number, described: number, random: () => number): Survey {
  const sample = sampleOf<Tape>(looked, random);
  for (const tape of tapes) sample.add(tape);
  const costs = sample.items.slice(0, described).map(({ durationMs, cpuMs }) => ({ videoMs: durationMs, cpuMs }));
  return { videos: tapes.length, bytes: sum(tapes.map(({ bytes }) => bytes)), looked: sample.items, costs };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('an estimate', () => {
  test('is near what it really takes, and its bounds mostly hold that', () => {
    const rounds = 60;
    let [near, lengthHeld, costHeld] = [0, 0, 0];
    for (let seed = 1; seed <= rounds; seed++) {
      const random = mulberry(seed);
      const tapes = archive(800, random);
      const { videoHours, cpuHours } = estimate(survey(tapes, 40, 6, random), random);
      const [hours, cpu] = [
        sum(tapes.map((tape) => tape.durationMs)) / HOUR,
        sum(tapes.map((tape) => tape.cpuMs)) / HOUR,
      ];
      if (cpuHours && Math.abs(cpuHours.value / cpu - 1) < 0.25) near++;
      if (videoHours.low <= hours && hours <= videoHours.high) lengthHeld++;
      if (cpuHours && cpuHours.low <= cpu && cpu <= cpuHours.high) costHeld++;
    }
    expect(near / rounds).toBeGreaterThan(0.95);
    expect(lengthHeld / rounds).toBeGreaterThan(0.75);
    expect(costHeld / rounds).toBeGreaterThan(0.6);
  });

  test('of videos that were all looked at knows their length exactly', () => {
    const random = mulberry(1);
    const tapes = archive(10, random);
    const { videoHours } = estimate(survey(tapes, 40, 3, random), random);
    const hours = sum(tapes.map(({ durationMs }) => durationMs)) / HOUR;
    for (const bound of Object.values(videoHours)) expect(bound).toBeCloseTo(hours, 9);
  });

  test('counts nothing for the share of files that cannot be read', () => {
    const costs = [{ videoMs: 1000, cpuMs: 500 }];
    const looked = [1000, null, 1000, null].map((durationMs) => ({ bytes: 10, durationMs }));
    const { videoHours, cpuHours } = estimate({ videos: 100, bytes: 1000, looked, costs }, mulberry(1));
    expect(videoHours.value * HOUR).toBeCloseTo(50_000);
    expect((cpuHours?.value ?? 0) * HOUR).toBeCloseTo(25_000);
  });

  test('tells nothing of costs that nobody knows, and of no videos says nothing', () => {
    const looked = [{ bytes: 10, durationMs: 1000 }];
    expect(estimate({ videos: 5, bytes: 50, looked, costs: [] }, mulberry(1)).cpuHours).toBeNull();
    expect(estimate({ videos: 0, bytes: 0, looked: [], costs: [] }, mulberry(1)).videoHours.value).toBe(0);
  });
});

test('a sample holds each of many with the same chance', () => {
  const counts = new Array<number>(20).fill(0);
  for (let seed = 1; seed <= 2000; seed++) {
    const sample = sampleOf<number>(5, mulberry(seed));
    for (const item of counts.keys()) sample.add(item);
    expect(new Set(sample.items).size).toBe(5);
    for (const item of sample.items) counts[item] = (counts[item] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(100);
});
