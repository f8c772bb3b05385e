import { describe, expect, test } from 'vitest';
import { describeFrame, emptyFeatures, type FrameFeatures } from '../../src/media/frame-features.ts';
import { unmatchedShare } from '../../src/media/scene-match.ts';
import { picture } from './drawn-frames.ts';

const HEIGHT = 10;

/** A soft grey picture of slow waves. */
function waves(level: number, wave: (x: number, y: number) => number): FrameFeatures {
  const features = emptyFeatures();
  const yuv = picture((x, y, plane) => (plane === 0 ? level + HEIGHT * wave(x, y) : 128));
  describeFrame({ ticks: 0, yuv }, undefined, features);
  return features;
}

const one = (x: number, y: number) => Math.sin(5 * x + 3 * y);
const other = (x: number, y: number) => Math.sin(4 * y - 6 * x + 1);

describe('the share of a picture that is new', () => {
  test('is nothing where only the light changed, and all where the picture did', () => {
    expect(unmatchedShare(waves(150, one), waves(100, one))).toBe(0);
    expect(unmatchedShare(waves(150, one), waves(100, other))).toBe(1);
  });

  test('rises step by step as a soft picture in another light becomes another picture', () => {
    const shares = Array.from({ length: 25 }, (_, step) => {
      const darker = waves(100, (x, y) => one(x, y) + 0.05 * step * other(x, y));
      return unmatchedShare(waves(150, one), darker);
    });
    const steps = shares.slice(1).map((share, index) => share - (shares[index] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(-0.01);
    expect(Math.max(...steps)).toBeLessThan(0.35);
    expect(shares.at(-1)).toBe(1);
  });
});
