import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScannedKeyframe, ScannedShot } from '../../src/domain/scan.ts';
import { thinKeyframes } from '../../src/pipeline/thin.ts';

const shots = [10, 100, 20, 40].map((length, index): ScannedShot => {
  return { index, startTicks: index * 1000, endTicks: index * 1000 + length, transition: 'cut' };
});

function frame(shot: number, sameAs: number | null = null): ScannedKeyframe {
  const picture = {
    file: '',
    sha256: '',
    width: 1,
    height: 1,
    sharpness: 0,
    brightness: 0,
    signature: new Uint8Array(),
  };
  return { shot, ticks: shot * 1000, sameAs, ...picture };
}

describe('thinning keyframes', () => {
  test('keeps all of them when there is room', () => {
    expect(thinKeyframes([frame(0), frame(1), frame(2, 0)], shots, 3)).toEqual([0, 1, 2]);
  });

  test('drops repeats first, then what is on screen for the least time', () => {
    const keyframes = [frame(0), frame(1), frame(2), frame(3, 1)];
    expect(thinKeyframes(keyframes, shots, 3)).toEqual([0, 1, 2]);
    expect(thinKeyframes(keyframes, shots, 2)).toEqual([1, 2]);
    expect(thinKeyframes(keyframes, shots, 1)).toEqual([1]);
  });

  test('counts the time of a repeat for the picture that it repeats', () => {
    const keyframes = [frame(0), frame(2), frame(3, 0)];
    expect(thinKeyframes(keyframes, shots, 1)).toEqual([0]);
  });

  test('never keeps more than asked, a repeat without its picture, or another order', () => {
    const shape = fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 40 }), (spec, max) => {
        const keyframes = spec.map(([shot, repeats], index) =>
          frame(shot, repeats && index > 0 && !spec[0]?.[1] ? 0 : null),
        );
        const kept = thinKeyframes(keyframes, shots, max);
        expect(kept.length).toBeLessThanOrEqual(max);
        expect([...kept].sort((a, b) => a - b)).toEqual(kept);
        for (const index of kept) {
          const root = keyframes[index]?.sameAs;
          if (root !== null && root !== undefined) expect(kept).toContain(root);
        }
      }),
    );
  });
});
