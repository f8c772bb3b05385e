import type { ScannedKeyframe, ScannedShot } from '../domain/scan.ts';

/**
 * Which keyframes to keep when there are more than `max`: repeats of an earlier picture go first, then the pictures
 * that stand for the least time on screen. Returns the kept indices in order of time.
 */
export function thinKeyframes(
  keyframes: readonly ScannedKeyframe[],
  shots: readonly ScannedShot[],
  max: number,
): readonly number[] {
  const all = keyframes.map((_, index) => index);
  if (keyframes.length <= max) return all;
  const onScreen = screenTime(keyframes, shots);
  return all
    .filter((index) => keyframes[index]?.sameAs === null)
    .sort((a, b) => (onScreen[b] ?? 0) - (onScreen[a] ?? 0) || a - b)
    .slice(0, max)
    .sort((a, b) => a - b);
}

/** Ticks that each keyframe stands for: an equal part of its shot, and the part of each later keyframe that looks the same. */
function screenTime(keyframes: readonly ScannedKeyframe[], shots: readonly ScannedShot[]): readonly number[] {
  const count = new Map<number, number>();
  for (const { shot } of keyframes) count.set(shot, (count.get(shot) ?? 0) + 1);
  const lengths = new Map(shots.map(({ index, startTicks, endTicks }) => [index, endTicks - startTicks]));
  const ticks = keyframes.map(() => 0);
  keyframes.forEach(({ shot, sameAs }, index) => {
    const root = sameAs ?? index;
    ticks[root] = (ticks[root] ?? 0) + (lengths.get(shot) ?? 0) / (count.get(shot) ?? 1);
  });
  return ticks;
}
