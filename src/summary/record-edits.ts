import {
  type Correction,
  correction as correctionSchema,
  type Edit,
  type Edits,
  edits as editsSchema,
} from '../domain/edits.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import { captionsOf, type Scene, scenesOf } from '../domain/scene.ts';
import { frameOf } from './anchors.ts';

/** Who corrects, and when (ISO 8601). */
export interface Author {
  readonly by: string;
  readonly at: string;
}

/**
 * Adds corrections to the edits of a result, each with the place that it holds to and what it replaces there.
 *
 * @param result as those who correct it see it.
 * @throws {FramescribeError} EDITS_INVALID: one names what isn't there, or isn't a correction.
 */
export function recordEdits(
  result: Result,
  { edits, schema }: Edits,
  corrections: readonly Correction[],
  { by, at }: Author,
): Edits {
  const scenes = new Map(scenesOf(result.shots, result.keyframes).map((scene) => [scene.keyframe.id, scene]));
  const all = [...edits];
  let number = nextNumber(edits);
  for (const [index, given] of corrections.entries()) {
    const parsed = correctionSchema.safeParse(given);
    if (!parsed.success) throw refused(index, `it to be one of ${FORMS}; ${firstIssue(parsed.error.issues)}`);
    const correction = parsed.data;
    if ('undo' in correction) {
      const place = all.findIndex(({ id }) => id === correction.undo);
      if (place === -1) throw refused(index, `an edit ${correction.undo}, there is none`);
      all.splice(place, 1);
    } else {
      const made = { id: idOf(number++), video: result.video.sha256, by, at };
      all.push({ ...made, ...whatOf(correction, result, scenes, index) } as Edit);
    }
  }
  return checked({ schema, edits: all });
}

function checked(edits: Edits): Edits {
  const parsed = editsSchema.safeParse(edits);
  if (parsed.success) return parsed.data;
  throw new FramescribeError('EDITS_INVALID', `Expected valid edits, but ${firstIssue(parsed.error.issues)}`);
}

/** Edits with those of another document, as later ones; what is there already isn't taken twice. */
export function importEdits({ edits, schema }: Edits, other: Edits): Edits {
  const contentOf = ({ id: _, ...content }: Edit) => JSON.stringify(content);
  const known = new Set(edits.map(contentOf));
  const fresh = other.edits.filter((edit) => !known.has(contentOf(edit)));
  const next = nextNumber(edits);
  return checked({ schema, edits: [...edits, ...fresh.map((edit, index) => ({ ...edit, id: idOf(next + index) }))] });
}

function nextNumber(edits: readonly Edit[]): number {
  return 1 + Math.max(0, ...edits.map(({ id }) => Number(id.slice(1))));
}

function idOf(number: number): string {
  return `e${String(number).padStart(4, '0')}`;
}

const FORMS =
  '{keyframe, caption}, {addTag, at?}, {removeTag}, {renameTag, to}, {chapter, title}, {sentence, text}, {undo}';

type Made = 'id' | 'video' | 'by' | 'at';
type What = Edit extends infer One ? (One extends Edit ? Omit<One, Made> : never) : never;
type Known = Exclude<ReturnType<typeof correctionSchema.parse>, { undo: string }>;

function whatOf(correction: Known, result: Result, scenes: ReadonlyMap<string, Scene>, index: number): What {
  const { tags, chapters, summary, video } = result;
  const tagOf = (wanted: string) => {
    const tag = tags.find(({ name }) => name === wanted);
    if (tag) return tag;
    throw refused(index, `a tag of the result, got ${JSON.stringify(wanted)}`);
  };
  if ('caption' in correction) {
    const scene = scenes.get(correction.keyframe);
    if (scene === undefined)
      throw refused(index, `a keyframe of the result, got ${JSON.stringify(correction.keyframe)}`);
    const byId = new Map(result.keyframes.map((keyframe) => [keyframe.id, keyframe]));
    const replaces = captionsOf(scene.keyframe, byId)[0]?.text ?? '';
    return { kind: 'caption', frame: frameOf(scene), replaces, text: correction.caption };
  }
  if ('addTag' in correction) {
    const whole = [{ startMs: 0, endMs: video.durationMs }];
    const instances = correction.at ?? whole;
    const outside = instances.find(({ startMs, endMs }) => startMs >= endMs || endMs > video.durationMs);
    if (outside) throw refused(index, `times within 0 to ${video.durationMs} ms, got ${JSON.stringify(outside)}`);
    return { kind: 'tag', name: correction.addTag, instances, replaces: null };
  }
  if ('removeTag' in correction) return { kind: 'no-tag', name: tagOf(correction.removeTag).name };
  if ('renameTag' in correction) {
    const { name, instances } = tagOf(correction.renameTag);
    return { kind: 'tag', name: correction.to, instances, replaces: name === correction.to ? null : name };
  }
  if ('chapter' in correction) {
    const chapter = chapters.find(({ id }) => id === correction.chapter);
    if (chapter === undefined)
      throw refused(index, `a chapter of the result, got ${JSON.stringify(correction.chapter)}`);
    const { startMs, endMs, title: replaces } = chapter;
    return { kind: 'chapter', startMs, endMs, replaces, title: correction.title };
  }
  const sentence = summary.sentences[correction.sentence - 1];
  if (sentence === undefined)
    throw refused(index, `a sentence from 1 to ${summary.sentences.length}, got ${correction.sentence}`);
  const frames = sentence.keyframes.flatMap((id) => scenes.get(id) ?? []).map(frameOf);
  return { kind: 'sentence', frames, replaces: sentence.text, text: correction.text };
}

function refused(index: number, what: string): FramescribeError {
  return new FramescribeError('EDITS_INVALID', `Correction ${index + 1}: expected ${what}`);
}

function firstIssue(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  const { path = [], message = 'it is none' } = issues[0] ?? {};
  return `${path.join('.') || 'it'}: ${message}`;
}
