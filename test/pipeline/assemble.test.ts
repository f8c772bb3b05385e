import { describe, expect, test } from 'vitest';
import type { Keyframe, Result } from '../../src/domain/result.ts';
import { sign } from '../../src/pipeline/assemble.ts';
import { exampleResult } from '../render/example-result.ts';

describe('signing a result', () => {
  const { digest: _, ...unsigned } = exampleResult();

  test('keeps keyframes and shots that are in order, without copies', () => {
    const signed = sign(unsigned);
    signed.keyframes.forEach((keyframe, index) => void expect(keyframe).toBe(unsigned.keyframes[index]));
    signed.shots.forEach((shot, index) => void expect(shot).toBe(unsigned.shots[index]));
  });

  test('puts what is out of order into the order of the schema, with the same digest', () => {
    const captionsFirst = ({ captions, ...rest }: Keyframe) => ({ captions: captions.map(backwards), ...rest });
    const shuffled: typeof unsigned = {
      ...(backwards(unsigned) as Result),
      shots: unsigned.shots.map(backwards),
      keyframes: unsigned.keyframes.map(captionsFirst),
    };
    expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(unsigned));
    expect(JSON.stringify(sign(shuffled))).toBe(JSON.stringify(sign(unsigned)));
  });

  test('refuses a keyframe or a shot that is none', () => {
    const [keyframe, ...others] = unsigned.keyframes;
    const dark = { ...keyframe, brightness: Number.NaN } as Keyframe;
    expect(() => sign({ ...unsigned, keyframes: [dark, ...others] })).toThrow(/brightness/);
    const shots = unsigned.shots.map((shot) => ({ ...shot, startMs: -1 }));
    expect(() => sign({ ...unsigned, shots })).toThrow(/startMs/);
  });
});

function backwards<T extends object>(item: T): T {
  return Object.fromEntries(Object.entries(item).reverse()) as T;
}
