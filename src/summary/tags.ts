import type { Tag } from '../domain/result.ts';
import { compare, type Scene } from '../domain/scene.ts';
import { NO_VOCABULARY, type Vocabulary, widerThan } from '../domain/vocabulary.ts';
import { namesIn } from './names.ts';

const MOST_TAGS = 30;
/** A tag that is more likely wrong than right is none. */
const LEAST_SURE = 0.5;
/** No tag is surer than this. */
const SUREST = 0.99;

/**
 * Things and actions that captions name or that are seen as class words, with the times where they're seen. The
 * confidence of a tag in a scene is that of its surest witness there (see `namesIn`). Over scenes that look different it
 * grows, though far less than independent witnesses' would, as a model errs alike in like scenes:
 * 1 − ∏(1 − cᵢ)^(1/i²), surest first.
 *
 * @param vocabulary what the house calls things.
 */
export function tagsOf(scenes: readonly Scene[], vocabulary: Vocabulary = NO_VOCABULARY): readonly Tag[] {
  const sightings = new Map<string, Sighting[]>();
  const housed = houseNames(vocabulary);
  for (const scene of scenes) {
    for (const [said, confidence] of namesIn(scene)) {
      for (const name of housed(said)) {
        const list = sightings.get(name) ?? [];
        list.push({ scene, confidence, said });
        sightings.set(name, list);
      }
    }
  }
  const tags = [...sightings].map(([name, seen]) => tagOf(name, seen));
  return inOrder(tags.filter(({ confidence }) => confidence >= LEAST_SURE)).slice(0, MOST_TAGS);
}

/** Surest and longest seen first. */
export function inOrder(tags: readonly Tag[]): readonly Tag[] {
  return tags.toSorted((one, other) => weight(other) - weight(one) || compare(one.name, other.name));
}

interface Range {
  startMs: number;
  endMs: number;
}

interface Sighting {
  readonly scene: Scene;
  readonly confidence: number;
  readonly said: string;
}

function tagOf(name: string, seen: readonly Sighting[]): Tag {
  // A picture that looks the same as an earlier one is no second witness.
  const witnesses = new Map<string, number>();
  for (const { scene, confidence } of seen) {
    const picture = scene.keyframe.sameAs ?? scene.keyframe.id;
    witnesses.set(picture, Math.max(witnesses.get(picture) ?? 0, confidence));
  }
  const doubt = [...witnesses.values()]
    .sort((one, other) => other - one)
    .reduce((product, confidence, index) => product * (1 - confidence) ** (1 / (index + 1) ** 2), 1);
  const confidence = Math.round(Math.min(1 - doubt, SUREST) * 1000) / 1000;
  const said = [...new Set(seen.map((each) => each.said))].sort();
  const isItself = said.length === 1 && said[0] === name;
  return { name, confidence, instances: mergeRanges(seen.map(({ scene }) => scene)), ...(isItself ? {} : { said }) };
}

/** From a name that captions say to those under which the house wants to find it; none where they are blocked. */
function houseNames(vocabulary: Vocabulary): (said: string) => readonly string[] {
  const blocked = new Set(vocabulary.blocked);
  const known = new Map<string, readonly string[]>();
  return (said) => {
    const before = known.get(said);
    if (before !== undefined) return before;
    const used = Object.hasOwn(vocabulary.synonyms, said) ? (vocabulary.synonyms[said] ?? said) : said;
    const isBlocked = blocked.has(said) || blocked.has(used);
    const names = isBlocked ? [] : [used, ...widerThan(used, vocabulary)].filter((name) => !blocked.has(name));
    known.set(said, names);
    return names;
  };
}

/** Ranges that touch become one. */
export function mergeRanges(ranges: readonly Readonly<Range>[]): Range[] {
  const merged: Range[] = [];
  for (const { startMs, endMs } of ranges.toSorted((one, other) => one.startMs - other.startMs)) {
    const last = merged.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else merged.push({ startMs, endMs });
  }
  return merged;
}

function weight({ confidence, instances }: Tag): number {
  return confidence * instances.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
