import type { Caption, Chapter, Result, Tag } from '../domain/result.ts';
import { captionsOf, scenesOf } from '../domain/scene.ts';
import { chapterAt, frameOf, sceneAt } from './anchors.ts';

/** What two results of one video tell differently. Null is what only the other one has. */
export interface Difference {
  readonly captions: readonly CaptionDifference[];
  /** Keyframes of both, told alike or not. */
  readonly keyframes: number;
  readonly tags: readonly TagDifference[];
  readonly chapters: readonly ChapterDifference[];
  /** Sentences that only one of them has. */
  readonly sentences: { readonly from: readonly string[]; readonly to: readonly string[] };
}

export interface CaptionDifference {
  readonly timeMs: number;
  readonly from: Said | null;
  readonly to: Said | null;
}
export type Said = Pick<Caption, 'text' | 'confidence'>;

export interface TagDifference {
  readonly name: string;
  readonly from: Tag | null;
  readonly to: Tag | null;
}

export interface ChapterDifference {
  readonly from: Chapter | null;
  readonly to: Chapter | null;
}

/** A tag that is less surer or less sure than this is the same. */
const SAME_CONFIDENCE = 0.05;

/** Compares two results of the same video by time: captions, tags, chapters and sentences. Pure. */
export function differenceOf(from: Result, to: Result): Difference {
  const { captions, keyframes } = captionDifferences(from, to);
  return {
    captions,
    keyframes,
    tags: tagDifferences(from.tags, to.tags),
    chapters: chapterDifferences(from.chapters, to.chapters),
    sentences: {
      from: withoutThoseOf(to, from),
      to: withoutThoseOf(from, to),
    },
  };
}

function captionDifferences(from: Result, to: Result) {
  const [older, newer] = [from, to].map(({ shots, keyframes }) => scenesOf(shots, keyframes));
  const matched = new Set<string>();
  const pairs = (newer ?? []).map((scene) => {
    const found = sceneAt(frameOf(scene), older ?? []);
    if (found) matched.add(found.keyframe.id);
    return { timeMs: scene.keyframe.timeMs, from: found && said(found.keyframe, from), to: said(scene.keyframe, to) };
  });
  const alone = (older ?? [])
    .filter(({ keyframe }) => !matched.has(keyframe.id))
    .map(({ keyframe }) => ({ timeMs: keyframe.timeMs, from: said(keyframe, from), to: null }));
  const all = [...pairs, ...alone].sort((one, other) => one.timeMs - other.timeMs);
  return { keyframes: all.length, captions: all.filter((pair) => pair.from?.text !== pair.to?.text) };
}

function said(keyframe: Result['keyframes'][number], { keyframes }: Result): Said | null {
  const root = keyframe.sameAs === undefined ? [] : keyframes.filter(({ id }) => id === keyframe.sameAs);
  const [best] = captionsOf(keyframe, new Map(root.map((other) => [other.id, other])));
  return best ? { text: best.text, confidence: best.confidence } : null;
}

function tagDifferences(from: readonly Tag[], to: readonly Tag[]): readonly TagDifference[] {
  const names = [...new Set([...to, ...from].map(({ name }) => name))];
  const pick = (tags: readonly Tag[], wanted: string) => tags.find(({ name }) => name === wanted) ?? null;
  return names
    .map((name) => ({ name, from: pick(from, name), to: pick(to, name) }))
    .filter((pair) => {
      const [one, other] = [pair.from?.confidence, pair.to?.confidence];
      return one === undefined || other === undefined || Math.abs(one - other) >= SAME_CONFIDENCE;
    });
}

function chapterDifferences(from: readonly Chapter[], to: readonly Chapter[]): readonly ChapterDifference[] {
  const pairs = to.map((chapter): ChapterDifference => ({ from: chapterAt(chapter, from), to: chapter }));
  const matched = new Set(pairs.map((pair) => pair.from));
  const alone = from.filter((chapter) => !matched.has(chapter)).map((chapter) => ({ from: chapter, to: null }));
  const isSame = ({ from: one, to: other }: ChapterDifference) =>
    one?.title === other?.title && one?.startMs === other?.startMs && one?.endMs === other?.endMs;
  const startOf = (pair: ChapterDifference) => (pair.to ?? pair.from)?.startMs ?? 0;
  return [...pairs, ...alone].filter((pair) => !isSame(pair)).sort((one, other) => startOf(one) - startOf(other));
}

function withoutThoseOf(other: Result, { summary }: Result): readonly string[] {
  const told = new Set(other.summary.sentences.map(({ text }) => text));
  return summary.sentences.map(({ text }) => text).filter((text) => !told.has(text));
}
