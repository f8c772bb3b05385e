import type { Chapter, Shot } from '../domain/result.ts';
import { compare, type Scene } from '../domain/scene.ts';
import { readCaption } from './caption-reading.ts';
import { shotPoints } from './likeness.ts';
import { type Piece, partition } from './partition.ts';
import { withoutUnsureDetails } from './sure-words.ts';
import { titleOf, writtenTitle } from './title.ts';

const MOST_CHAPTERS = 20;
/** Below this a video is one chapter. */
const SHORTEST_DIVIDED_MS = 15_000;
/** What a further chapter costs, times the number of chapters allowed: more likeness is lost in fewer chapters. */
const PRICE = 0.2;
/** A long video's shots are first joined to so many pieces: the exact division takes time with their square. */
const MOST_PIECES = 300;

/**
 * Joins neighbouring shots that look alike and are captioned alike into chapters, which cover the whole duration.
 * The division is the cheapest one (see `partition`), at most three chapters plus one a minute, 20 in all.
 */
export function chaptersOf(
  durationMs: number,
  shots: readonly Shot[],
  scenes: readonly Scene[],
  signatures: ReadonlyMap<string, Uint8Array>,
): readonly Chapter[] {
  const points = shotPoints(shots, scenes, signatures);
  const timed = shots.map(({ startMs, endMs }, index) => ({
    first: index,
    point: points[index] ?? new Float64Array(0),
    weight: durationMs > 0 ? (endMs - startMs) / durationMs : 0,
  }));
  const pieces = join(timed, MOST_PIECES);
  const most = mostChapters(durationMs);
  const starts = partition(pieces, {
    most,
    fewest: fewestChapters(durationMs),
    lightest: 1 / (most * 4),
    price: PRICE / most,
  });
  const used = new Set<string>();
  return starts.map((start, index) => {
    const first = pieces[start]?.first ?? 0;
    const next = starts[index + 1];
    const end = next === undefined ? shots.length : (pieces[next]?.first ?? shots.length);
    const own = shots.slice(first, end);
    return {
      id: `c${String(index + 1).padStart(2, '0')}`,
      startMs: index === 0 ? 0 : (own[0]?.startMs ?? 0),
      endMs: next === undefined ? durationMs : (shots[end]?.startMs ?? durationMs),
      title: chapterTitle(own, scenes, used) ?? untitled(index),
      shots: own.map(({ id }) => id),
    };
  });
}

/** The chapters as they are, with new titles where scenes of theirs are told otherwise now. */
export function retitle(
  chapters: readonly Chapter[],
  shots: readonly Shot[],
  scenes: readonly Scene[],
  changed: readonly Scene[],
): readonly Chapter[] {
  const changedShots = new Set(changed.map(({ keyframe }) => keyframe.shot));
  const isTouched = (chapter: Chapter) => chapter.shots.some((id) => changedShots.has(id));
  const used = new Set(chapters.filter((chapter) => !isTouched(chapter)).map(({ title }) => title));
  return chapters.map((chapter, index) => {
    if (!isTouched(chapter)) return chapter;
    const own = shots.filter(({ id }) => chapter.shots.includes(id));
    return { ...chapter, title: chapterTitle(own, scenes, used) ?? untitled(index) };
  });
}

/** One below 15 seconds, else three and one more for each full minute, 20 at most. */
export function mostChapters(durationMs: number): number {
  if (durationMs < SHORTEST_DIVIDED_MS) return 1;
  return Math.min(MOST_CHAPTERS, 3 + Math.floor(durationMs / 60_000));
}

/** One for each full ten minutes, eight at most: a long video is easier to find one's way in, however alike it looks. */
function fewestChapters(durationMs: number): number {
  return Math.min(8, Math.max(1, Math.floor(durationMs / 600_000)));
}

interface TimedPiece extends Piece {
  /** Index of its first shot. */
  readonly first: number;
}

/** Joins the closest neighbours until few enough are left, light ones first. */
function join(pieces: readonly TimedPiece[], most: number): readonly TimedPiece[] {
  let row = pieces;
  while (row.length > most) {
    const costs = row.slice(1).map((piece, index) => joiningCost(row[index] ?? piece, piece));
    const limit = costs.toSorted((one, other) => one - other)[Math.min(row.length - most, row.length >> 2)] ?? 0;
    const joined: TimedPiece[] = [];
    let excess = row.length - most;
    row.forEach((piece, index) => {
      const before = joined.at(-1);
      const fresh = before !== undefined && before.first === row[index - 1]?.first;
      if (before !== undefined && fresh && excess > 0 && (costs[index - 1] ?? 0) <= limit) {
        joined[joined.length - 1] = merge(before, piece);
        excess -= 1;
      } else joined.push(piece);
    });
    row = joined;
  }
  return row;
}

/** Ward's criterion: how much spread joining two pieces adds. */
function joiningCost(one: Piece, other: Piece): number {
  const total = one.weight + other.weight;
  const distance = one.point.reduce((sum, value, at) => sum + (value - (other.point[at] ?? 0)) ** 2, 0);
  return total === 0 ? 0 : (one.weight * other.weight * distance) / total;
}

function merge(one: TimedPiece, other: TimedPiece): TimedPiece {
  const weight = one.weight + other.weight;
  const part = weight === 0 ? 0.5 : one.weight / weight;
  const point = one.point.map((value, at) => part * value + (1 - part) * (other.point[at] ?? 0));
  return { first: one.first, point, weight };
}

function untitled(index: number): string {
  return `Scene ${index + 1}`;
}

/** The heading that stands for most of the chapter's time; one that no earlier chapter has, where there is any. */
function chapterTitle(shots: readonly Shot[], scenes: readonly Scene[], used: Set<string>): string | null {
  const own = new Set(shots.map(({ id }) => id));
  const weights = new Map<string, number>();
  for (const { keyframe, captions, startMs, endMs } of scenes) {
    if (!own.has(keyframe.shot)) continue;
    for (const caption of captions) {
      const isWritten = caption.edit !== undefined;
      if (caption.uncertain || (!isWritten && readCaption(caption.text).repeats)) continue;
      const title = isWritten ? writtenTitle(caption.text) : titleOf(withoutUnsureDetails(caption));
      if (title === null) continue;
      weights.set(title, (weights.get(title) ?? 0) + caption.confidence ** 2 * (endMs - startMs));
    }
  }
  const ranked = [...weights].sort(
    ([one, weight], [other, otherWeight]) => otherWeight - weight || compare(one, other),
  );
  const title = (ranked.find(([text]) => !used.has(text)) ?? ranked[0])?.[0] ?? null;
  if (title !== null) used.add(title);
  return title;
}
