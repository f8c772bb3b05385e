import type { Frame } from '../domain/edits.ts';
import type { Chapter, Sentence } from '../domain/result.ts';
import type { Scene } from '../domain/scene.ts';

/** Less than this of two times together in common, and they're about different things. */
const ENOUGH = 0.5;

/** What a scene's keyframe stands for, to find it by again. */
export function frameOf({ keyframe, startMs, endMs }: Scene): Frame {
  return { timeMs: keyframe.timeMs, startMs, endMs };
}

/**
 * The scene that a frame of another result of the same video is: the one of that very time, else the nearest within the
 * time that the frame stood for. Null where no keyframe lies there.
 */
export function sceneAt({ timeMs, startMs, endMs }: Frame, scenes: readonly Scene[]): Scene | null {
  const within = scenes.filter(({ keyframe }) => keyframe.timeMs >= startMs && keyframe.timeMs < endMs);
  const distance = ({ keyframe }: Scene) => Math.abs(keyframe.timeMs - timeMs);
  const exact = scenes.find((scene) => distance(scene) === 0);
  return exact ?? within.toSorted((one, other) => distance(one) - distance(other))[0] ?? null;
}

/** The chapter that covers mostly the same time; null where none does. */
export function chapterAt(
  range: { readonly startMs: number; readonly endMs: number },
  chapters: readonly Chapter[],
): Chapter | null {
  const share = ({ startMs, endMs }: Chapter) => {
    const common = Math.min(endMs, range.endMs) - Math.max(startMs, range.startMs);
    const all = Math.max(endMs, range.endMs) - Math.min(startMs, range.startMs);
    return all === 0 ? 1 : common / all;
  };
  return best(chapters, share);
}

/** The sentence that mostly the same keyframes are behind; null where there is none. */
export function sentenceOfFrames(ids: readonly string[], sentences: readonly Sentence[]): Sentence | null {
  const share = ({ keyframes }: Sentence) => {
    const common = keyframes.filter((id) => ids.includes(id)).length;
    return common / new Set([...keyframes, ...ids]).size;
  };
  return best(sentences, share);
}

function best<T>(items: readonly T[], share: (item: T) => number): T | null {
  let found: { readonly item: T; readonly share: number } | null = null;
  for (const item of items) {
    const own = share(item);
    if (own >= ENOUGH && own > (found?.share ?? 0)) found = { item, share: own };
  }
  return found?.item ?? null;
}
