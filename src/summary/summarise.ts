import type { Chapter, Keyframe, Shot, Summary, Tag } from '../domain/result.ts';
import { scenesOf } from '../domain/scene.ts';
import type { Vocabulary } from '../domain/vocabulary.ts';
import { chaptersOf } from './chapters.ts';
import { storyOf } from './story.ts';
import { tagsOf } from './tags.ts';

export interface SummariseInput {
  readonly durationMs: number;
  /** In order of time. */
  readonly shots: readonly Shot[];
  readonly keyframes: readonly Keyframe[];
  /** For each keyframe id its picture at 16×9, Y, Cb and Cr a pixel, row by row: 432 bytes. */
  readonly signatures: ReadonlyMap<string, Uint8Array>;
  readonly vocabulary?: Vocabulary;
}

export interface Story {
  readonly chapters: Chapter[];
  readonly tags: Tag[];
  readonly summary: Summary;
}

/** Chapters, tags and a summary of a video from its captions and pictures. Pure: the same input, the same output. */
export function summarise({ durationMs, shots, keyframes, signatures, vocabulary }: SummariseInput): Story {
  const scenes = scenesOf(shots, keyframes);
  return {
    chapters: [...chaptersOf(durationMs, shots, scenes, signatures)],
    tags: [...tagsOf(scenes, vocabulary)],
    summary: storyOf(scenes, durationMs),
  };
}
