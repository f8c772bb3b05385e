import type { Edit, Edits } from '../domain/edits.ts';
import type { Caption, Chapter, Keyframe, Result, Summary, Tag, Warning } from '../domain/result.ts';
import { type Scene, scenesOf } from '../domain/scene.ts';
import { NO_VOCABULARY, type Vocabulary, vocabularyDigest } from '../domain/vocabulary.ts';
import { chapterAt, sceneAt, sentenceOfFrames } from './anchors.ts';
import { retitle } from './chapters.ts';
import { storyOf, summaryOf } from './story.ts';
import { inOrder, mergeRanges, tagsOf } from './tags.ts';

/** What became of an edit: `idle` has nothing to do here, `lost` finds its place no more. Both are kept. */
export interface EditOutcome {
  readonly id: string;
  readonly state: 'applied' | 'idle' | 'lost';
  /** Why it isn't applied; empty where it is. */
  readonly reason: string;
}

export interface Applied {
  readonly result: Omit<Result, 'digest' | 'edited'>;
  /** In the order of the edits. */
  readonly outcomes: readonly EditOutcome[];
}

/**
 * A model's result as people have corrected it. Where they wrote a caption, it's all that is said of its keyframe, and
 * tags, titles of chapters and summary are made anew; what they said of those themselves comes last, and wins. Pure: the
 * same result and edits give the same.
 *
 * @param machine the result as the model made it, not one that has been corrected.
 * @param vocabulary by which tags are named that are made anew.
 */
export function applyEdits(
  { digest: _, ...machine }: Result,
  { edits }: Edits,
  vocabulary: Vocabulary = NO_VOCABULARY,
): Applied {
  const outcomes = new Map<string, EditOutcome>();
  const tell = ({ id }: Edit, state: EditOutcome['state'], reason = '') => outcomes.set(id, { id, state, reason });
  const own = edits.filter((edit) => {
    if (edit.video === machine.video.sha256) return true;
    tell(edit, 'lost', 'it was made on other bytes of the video');
    return false;
  });
  const recaptioned = withCaptions(machine, own, vocabulary, tell);
  const tags = withTags(recaptioned.tags, own, tell);
  const chapters = withTitles(recaptioned.chapters, own, tell);
  const scenes = scenesOf(recaptioned.shots, recaptioned.keyframes);
  const summary = withSentences(recaptioned.summary, scenes, own, tell);
  const told = edits.flatMap(({ id }) => outcomes.get(id) ?? []);
  const warnings = [...machine.warnings, ...told.flatMap(warningOf)];
  return { result: { ...recaptioned, tags, chapters, summary, warnings }, outcomes: told };
}

type Unsigned = Applied['result'];
type Tell = (edit: Edit, state: EditOutcome['state'], reason?: string) => void;
type EditOf<Kind extends Edit['kind']> = Extract<Edit, { readonly kind: Kind }>;

function withCaptions(machine: Unsigned, edits: readonly Edit[], vocabulary: Vocabulary, tell: Tell): Unsigned {
  const scenes = scenesOf(machine.shots, machine.keyframes);
  const written = new Map<string, EditOf<'caption'>>();
  for (const edit of ofKind('caption', edits)) {
    const scene = sceneAt(edit.frame, scenes);
    if (scene === null) tell(edit, 'lost', `no keyframe lies near ${edit.frame.timeMs} ms`);
    else {
      const before = written.get(scene.keyframe.id);
      if (before) tell(before, 'idle', `${edit.id} came later`);
      written.set(scene.keyframe.id, edit);
      tell(edit, 'applied');
    }
  }
  if (written.size === 0) return machine;
  const keyframes = machine.keyframes.map((keyframe) => {
    const edit = written.get(keyframe.id);
    return edit === undefined ? keyframe : captioned(keyframe, edit);
  });
  const told = scenesOf(machine.shots, keyframes);
  // Who looks the same as a keyframe is told of by its caption.
  const changed = told.filter(({ keyframe }) => written.has(keyframe.sameAs ?? keyframe.id));
  return {
    ...machine,
    keyframes,
    chapters: [...retitle(machine.chapters, machine.shots, told, changed)],
    tags: [...tagsOf(told, vocabulary)],
    options: withVocabulary(machine.options, vocabulary),
    summary: storyOf(told, machine.video.durationMs),
  };
}

/** Options as they are with another vocabulary. */
export function withVocabulary({ tags: _, ...options }: Result['options'], vocabulary: Vocabulary): Result['options'] {
  const digest = vocabularyDigest(vocabulary);
  return { ...options, ...(digest && { tags: digest }) };
}

/** What the model said of the picture, in captions and words, speaks no more; nor does a picture that looks the same. */
function captioned({ sameAs: _, words: __, ...keyframe }: Keyframe, { id, text }: EditOf<'caption'>): Keyframe {
  const caption: Caption = { text, confidence: 1, uncertain: false, logProbability: 0, tokens: [], edit: id };
  return { ...keyframe, captions: [caption] };
}

function withTags(tags: readonly Tag[], edits: readonly Edit[], tell: Tell): Tag[] {
  const byName = new Map(tags.map((tag) => [tag.name, tag]));
  for (const edit of edits) {
    if (edit.kind === 'no-tag') {
      const isThere = byName.delete(edit.name);
      tell(edit, isThere ? 'applied' : 'idle', isThere ? '' : `there is no tag ${edit.name}`);
    } else if (edit.kind === 'tag') {
      const { id, name, replaces } = edit;
      const instances = [name, replaces ?? name].flatMap((other) => byName.get(other)?.instances ?? []);
      if (replaces !== null) byName.delete(replaces);
      byName.set(name, { name, confidence: 1, instances: mergeRanges([...instances, ...edit.instances]), edit: id });
      tell(edit, 'applied');
    }
  }
  return [...inOrder([...byName.values()])];
}

function withTitles(chapters: readonly Chapter[], edits: readonly Edit[], tell: Tell): Chapter[] {
  const titled = new Map(chapters.map((chapter) => [chapter.id, chapter]));
  for (const edit of ofKind('chapter', edits)) {
    const chapter = chapterAt(edit, chapters);
    if (chapter) titled.set(chapter.id, { ...chapter, title: edit.title, edit: edit.id });
    if (chapter) tell(edit, 'applied');
    else tell(edit, 'lost', `no chapter covers mostly ${edit.startMs} to ${edit.endMs} ms`);
  }
  return [...titled.values()];
}

function withSentences(summary: Summary, scenes: readonly Scene[], edits: readonly Edit[], tell: Tell): Summary {
  const own = ofKind('sentence', edits);
  if (own.length === 0) return summary;
  const starts = new Map(scenes.map(({ keyframe, startMs }) => [keyframe.id, startMs]));
  let sentences = [...summary.sentences];
  for (const edit of own) {
    const found = edit.frames.flatMap((frame) => sceneAt(frame, scenes)?.keyframe.id ?? []);
    const keyframes = [...new Set(found)];
    const older = sentenceOfFrames(keyframes, sentences);
    if (keyframes.length === 0) tell(edit, 'lost', 'none of the keyframes behind it is there');
    else if (edit.text === null && older === null) tell(edit, 'idle', 'there is no such sentence');
    else {
      const fresh = edit.text === null ? [] : [{ text: edit.text, keyframes, edit: edit.id }];
      sentences = older
        ? sentences.flatMap((each) => (each === older ? fresh : [each]))
        : [...sentences, ...fresh].sort((one, other) => startOf(one, starts) - startOf(other, starts));
      tell(edit, 'applied');
    }
  }
  return summaryOf(sentences);
}

function startOf({ keyframes }: Summary['sentences'][number], starts: ReadonlyMap<string, number>): number {
  return Math.min(...keyframes.map((id) => starts.get(id) ?? 0));
}

function ofKind<Kind extends Edit['kind']>(kind: Kind, edits: readonly Edit[]): readonly EditOf<Kind>[] {
  return edits.filter((edit): edit is EditOf<Kind> => edit.kind === kind);
}

function warningOf({ id, state, reason }: EditOutcome): readonly Warning[] {
  return state === 'lost' ? [{ code: 'EDIT_LOST', message: `The edit ${id} isn't applied: ${reason}.` }] : [];
}
