import type { Sentence, Summary } from '../domain/result.ts';
import { compare, type Scene } from '../domain/scene.ts';
import { ciderD, type NgramVector, ngramStatistics, ngramVector } from '../text/cider.ts';
import { type CaptionReading, readCaption } from './caption-reading.ts';
import { withoutUnsureDetails } from './sure-words.ts';
import { asWritten, isFitToTell, sentenceOf } from './wording.ts';

const NOTHING_CERTAIN = 'Nothing in it could be named with confidence.';
/** Distinct captions that are weighed against each other; the work grows with its square. */
const MOST_CANDIDATES = 500;
/** How much likeness to what is told already counts against a caption (maximal marginal relevance). */
const NOVELTY = 0.6;
/** Two captions that share this part of their words say the same. */
const SAME = 0.67;

/**
 * Tells a video in one to six sentences, in order of time. A caption speaks for the video the better the more it
 * agrees (CIDEr-D) with the captions of other scenes, weighted by their time on screen and confidence; each next one is
 * chosen for that and for what it adds (Carbonell & Goldstein: “The use of MMR”, SIGIR 1998). Behind each sentence are
 * all keyframes with a caption that says at least as much, a keyframe behind one sentence only.
 */
export function storyOf(scenes: readonly Scene[], durationMs: number): Summary {
  const candidates = weigh(candidatesOf(scenes));
  const chosen = choose(candidates, sentenceCount(durationMs));
  return summaryOf(chosen.length === 0 ? [] : tell(chosen, durationMs));
}

/** Sentences as a summary; what is said where there are none. */
export function summaryOf(sentences: Sentence[]): Summary {
  return { text: sentences.map(({ text }) => text).join(' ') || NOTHING_CERTAIN, sentences };
}

/** One sentence up to ten seconds, another each time that the length doubles, six at most. */
export function sentenceCount(durationMs: number): number {
  return Math.min(6, 1 + Math.max(0, Math.ceil(Math.log2(durationMs / 10_000))));
}

/** Whether a caption says all that a sentence tells: its things, actions, colours and numbers. */
export function backs(caption: string, sentence: string): boolean {
  return includes(readCaption(caption).content, readCaption(sentence).content);
}

interface Candidate {
  readonly text: string;
  readonly reading: CaptionReading;
  readonly confidence: number;
  /** A person wrote it: it's told in these words. */
  readonly isWritten: boolean;
  /** Time on screen of the scenes that it's the best certain caption of, weighted by confidence, in milliseconds. */
  readonly mass: number;
  /** Scenes with a caption that says at least as much. */
  readonly behind: readonly Scene[];
}

interface Weighed extends Candidate {
  readonly vector: NgramVector;
  readonly relevance: number;
}

/** A candidate that was chosen, with the scenes that no other chosen one has. */
interface Chosen {
  readonly candidate: Weighed;
  readonly behind: readonly Scene[];
}

function candidatesOf(scenes: readonly Scene[]): readonly Candidate[] {
  const masses = new Map<string, { confidence: number; mass: number; isWritten: boolean }>();
  const spoken: { scene: Scene; content: ReadonlySet<string> }[] = [];
  const readings = new Map<string, CaptionReading>();
  for (const scene of scenes) {
    const certain = scene.captions.filter(({ uncertain }) => !uncertain);
    const told = new Map<string, number>();
    const written = new Set(certain.filter(({ edit }) => edit !== undefined).map(({ text }) => text));
    for (const caption of certain) {
      const text = withoutUnsureDetails(caption);
      told.set(text, Math.max(told.get(text) ?? 0, caption.confidence));
    }
    const [best] = told.keys();
    for (const [text, confidence] of told) {
      const reading = readings.get(text) ?? readCaption(text);
      readings.set(text, reading);
      spoken.push({ scene, content: reading.content });
      const entry = masses.get(text) ?? { confidence: 0, mass: 0, isWritten: false };
      entry.isWritten ||= written.has(text);
      entry.confidence = Math.max(entry.confidence, confidence);
      if (text === best) entry.mass += confidence * (scene.endMs - scene.startMs);
      masses.set(text, entry);
    }
  }
  const backing = backingIndex(spoken);
  return [...masses]
    .map(([text, entry]) => ({ text, reading: readings.get(text) ?? readCaption(text), ...entry }))
    .filter(({ text, reading, isWritten }) => isWritten || isFitToTell(text, reading))
    .sort((one, other) => other.mass - one.mass || other.confidence - one.confidence || compare(one.text, other.text))
    .slice(0, MOST_CANDIDATES)
    .map((candidate) => ({ ...candidate, behind: backing(candidate.reading.content) }));
}

/** Finds the scenes whose captions say all of some words, by way of the rarest word. */
function backingIndex(spoken: readonly { readonly scene: Scene; readonly content: ReadonlySet<string> }[]) {
  const byWord = new Map<string, number[]>();
  spoken.forEach(({ content }, index) => {
    for (const word of content) {
      const list = byWord.get(word);
      if (list === undefined) byWord.set(word, [index]);
      else list.push(index);
    }
  });
  return (content: ReadonlySet<string>): readonly Scene[] => {
    const postings = [...content].map((word) => byWord.get(word) ?? []);
    const rarest = postings.reduce((best, list) => (list.length < best.length ? list : best), postings[0] ?? []);
    const found = rarest.flatMap((index) => {
      const said = spoken[index];
      return said !== undefined && includes(said.content, content) ? [said.scene] : [];
    });
    return [...new Set(found)];
  };
}

function weigh(candidates: readonly Candidate[]): readonly Weighed[] {
  const statistics = ngramStatistics(candidates.map(({ reading }) => [reading.words.map(({ text }) => text)]));
  // One document more than there is, so that a word which all captions share still counts a little.
  const smoothed = { ...statistics, documents: statistics.documents + 1 };
  const vectors = candidates.map((candidate) => ({
    candidate,
    vector: ngramVector(
      candidate.reading.words.map(({ text }) => text),
      smoothed,
    ),
  }));
  return vectors.map(({ candidate, vector }) => {
    const agreed = vectors.reduce((sum, other) => sum + other.candidate.mass * ciderD(vector, [other.vector]), 0);
    return { ...candidate, vector, relevance: candidate.confidence * agreed };
  });
}

function choose(candidates: readonly Weighed[], count: number): readonly Chosen[] {
  const most = Math.max(...candidates.map(({ relevance }) => relevance));
  const told = new Set<Scene>();
  const chosen: Chosen[] = [];
  while (chosen.length < count) {
    let best: { readonly value: number; readonly candidate: Weighed } | null = null;
    for (const candidate of candidates) {
      const fresh = candidate.behind.some((scene) => !told.has(scene));
      const likeness = Math.max(0, ...chosen.map((other) => likenessOf(candidate, other.candidate)));
      if (!fresh || likeness >= SAME) continue;
      const value = (most > 0 ? candidate.relevance / most : 0) - NOVELTY * likeness;
      if (best === null || value > best.value) best = { value, candidate };
    }
    if (best === null) break;
    const behind = best.candidate.behind.filter((scene) => !told.has(scene));
    for (const scene of behind) told.add(scene);
    chosen.push({ candidate: best.candidate, behind });
  }
  return chosen;
}

/** The part of the shorter one's words that the other has too. */
function likenessOf(one: Candidate, other: Candidate): number {
  const isShorter = one.reading.content.size <= other.reading.content.size;
  const few = (isShorter ? one : other).reading.content;
  const many = (isShorter ? other : one).reading.content;
  const shared = [...few].filter((word) => many.has(word)).length;
  return few.size === 0 ? 1 : shared / few.size;
}

function tell(chosen: readonly Chosen[], durationMs: number): Sentence[] {
  const starts = ({ behind }: Chosen) => behind[0]?.startMs ?? 0;
  const ordered = chosen.toSorted(
    (one, other) => starts(one) - starts(other) || compare(one.candidate.text, other.candidate.text),
  );
  let before: string | null = null;
  return ordered.map((item, index) => {
    const previous = ordered[index - 1];
    const gapMs = previous === undefined ? 0 : starts(item) - starts(previous);
    const isLast = index === ordered.length - 1;
    const timeWord: string | null = timeWordFor(gapMs, isLast && index > 1, durationMs, before);
    before = timeWord;
    return {
      text: item.candidate.isWritten ? asWritten(item.candidate.text) : sentenceOf(item.candidate.text, timeWord),
      keyframes: item.behind.map(({ keyframe }) => keyframe.id),
    };
  });
}

/** A word that is true of when something is first seen; not the same twice running. */
function timeWordFor(gapMs: number, isLast: boolean, durationMs: number, before: string | null): string | null {
  if (gapMs <= 0) return null;
  const word = isLast ? 'finally' : gapMs >= Math.max(20_000, durationMs / 8) ? 'later' : 'then';
  return word === before ? null : word;
}

function includes(all: ReadonlySet<string>, some: ReadonlySet<string>): boolean {
  for (const word of some) if (!all.has(word)) return false;
  return true;
}
