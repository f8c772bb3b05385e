import type { Chapter, Keyframe, Result } from '../../src/domain/result.ts';
import { type Scene, scenesOf } from '../../src/domain/scene.ts';

/** A result, ready to be drawn: what the parts of a video's page look things up in. */
export interface Story {
  readonly result: Result;
  /** The keyframes in order of time, each with its captions and the time that it stands for. */
  readonly scenes: readonly Scene[];
  readonly keyframes: ReadonlyMap<string, Keyframe>;
  readonly chapters: readonly ChapterView[];
  /** Place of a keyframe in `scenes`. */
  readonly placeOf: ReadonlyMap<string, number>;
}

export interface ChapterView {
  readonly chapter: Chapter;
  /** 0 to 3; neighbours differ. */
  readonly hue: number;
}

export function storyOf(result: Result): Story {
  const scenes = scenesOf(result.shots, result.keyframes);
  return {
    result,
    scenes,
    keyframes: new Map(result.keyframes.map((keyframe) => [keyframe.id, keyframe])),
    chapters: result.chapters.map((chapter, index) => ({ chapter, hue: index % 4 })),
    placeOf: new Map(scenes.map(({ keyframe }, index) => [keyframe.id, index])),
  };
}

/** Of ranges in order, the last that has begun by then; -1 before the first. */
export function placeAt(ranges: readonly { readonly startMs: number }[], ms: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.startMs ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A time as part of the whole, for a position on the page. */
export function position(ms: number, durationMs: number): string {
  const part = durationMs > 0 ? Math.min(Math.max(ms / durationMs, 0), 1) : 0;
  return `${Math.round(part * 1e5) / 1e3}%`;
}
