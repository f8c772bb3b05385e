import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Captioner } from '../caption/captioner.ts';
import type { ClassWord } from '../caption/class-words.ts';
import type { PictureCaptions } from '../domain/captioning.ts';
import { FramescribeError } from '../domain/errors.ts';
import { type CaptionScores, type LengthScores, scoreCaptions } from '../text/caption-scores.ts';
import { parseReferences, type References } from '../text/references.ts';
import { type ReliabilityRow, reliability } from '../text/reliability.ts';
import { isMainThingRight, parseThings, type Things } from '../text/things.ts';
import { wordsOf } from '../text/words.ts';
import { type Described, type Finding, findNouns, findWords, tagsStated } from './judge-names.ts';
import { packageRoot } from './load-config.ts';

/** What to caption, and what to look at beside the scores. */
export interface EvaluationPlan {
  /** The folder of the pictures. */
  readonly images: string;
  /** What people wrote about them: see `parseReferences`. */
  readonly captions: string;
  /** A file with the names of the pictures to take, one a line; null takes all that the captions name. */
  readonly list: string | null;
  /** Captions that the model has learned from; pictures that are evaluated are left out. Null where they aren't known. */
  readonly trainingCaptions: string | null;
  /** A file with the names of the pictures that it has learned from; null takes all of those. */
  readonly trainingList: string | null;
  /** Nouns to be found in captions. */
  readonly nouns: readonly string[];
}

export interface Evaluation {
  readonly scores: CaptionScores & { readonly picturesPerSecond: number };
  readonly byLength: readonly LengthScores[];
  /** Captions by their confidence; right is one whose first thing two references name. */
  readonly captionReliability: readonly ReliabilityRow[];
  /** What pictures would be tagged with by its confidence; right is what a reference names. */
  readonly tagReliability: readonly ReliabilityRow[];
  readonly nouns: readonly Finding[];
  /** Empty where the model looks for no words. */
  readonly classWords: readonly Finding[];
  readonly captions: readonly { readonly image: string; readonly caption: string; readonly confidence: number }[];
}

const TOGETHER = 64;

/**
 * Captions every picture that has reference captions, by the same way as videos, and judges the best captions, the
 * tags and the class words.
 *
 * @param classWords those of the captioner's bundle
 * @throws {FramescribeError} CAPTIONS_INVALID, PICTURE_UNREADABLE
 */
export async function evaluate(
  captioner: Captioner,
  classWords: readonly ClassWord[],
  plan: EvaluationPlan,
  signal: AbortSignal,
): Promise<Evaluation> {
  const things = parseThings(await readText(join(packageRoot(), 'training', 'things.txt')));
  const references = await readReferences(plan.captions, plan.list);
  const { trainingCaptions, trainingList } = plan;
  const trained = trainingCaptions === null ? null : await readTrained(trainingCaptions, trainingList, references);
  const names = [...references.keys()].sort();
  await Promise.all(names.map((name) => checkPicture(plan, name)));
  const start = performance.now();
  const described = await captionAll(captioner, plan.images, names, signal);
  const seconds = (performance.now() - start) / 1000;
  const pictures = names.map((name, index) => ({
    described: described[index] ?? NOTHING,
    references: references.get(name) ?? [],
  }));
  const { scores, byLength } = scoreCaptions(pictures.map(judgedOf), things, trained);
  return {
    scores: { ...scores, picturesPerSecond: names.length / seconds },
    byLength,
    captionReliability: reliability(pictures.map((picture) => captionStated(picture, things))),
    tagReliability: reliability(tagsStated(pictures, things)),
    nouns: findNouns(pictures, plan.nouns),
    classWords: findWords(pictures, classWords, things),
    captions: names.map((image, index) => {
      const best = described[index]?.captions[0];
      return { image, caption: best?.text ?? '', confidence: best?.confidence ?? 0 };
    }),
  };
}

const NOTHING: PictureCaptions = { captions: [], attention: null, words: null };

async function readReferences(captions: string, list: string | null): Promise<References> {
  const all = parseReferences(await readText(captions), captions);
  if (list === null) return all;
  const only = (await readText(list)).split(/\r?\n/).filter(Boolean);
  const chosen = new Map(only.flatMap((name) => (all.has(name) ? [[name, all.get(name) ?? []] as const] : [])));
  if (chosen.size > 0) return chosen;
  throw new FramescribeError(
    'CAPTIONS_INVALID',
    `Expected captions of the pictures that ${list} names in ${captions}, found none; its first line is “${only[0] ?? ''}”`,
  );
}

async function readTrained(captions: string, list: string | null, evaluated: References): Promise<ReadonlySet<string>> {
  const references = await readReferences(captions, list);
  const own = [...references].filter(([name]) => !evaluated.has(name));
  return new Set(own.flatMap(([, texts]) => texts.map((text) => wordsOf(text).join(' '))));
}

async function checkPicture({ images, captions }: EvaluationPlan, name: string): Promise<void> {
  await access(join(images, name)).catch((cause: NodeJS.ErrnoException) => {
    const message = `Expected the picture ${name}, which ${captions} has captions of, in ${images}: ${cause.code}`;
    throw new FramescribeError('CAPTIONS_INVALID', message, { cause });
  });
}

async function captionAll(captioner: Captioner, images: string, names: readonly string[], signal: AbortSignal) {
  const described: PictureCaptions[] = [];
  for (let from = 0; from < names.length; from += TOGETHER) {
    const some = names.slice(from, from + TOGETHER).map((name) => join(images, name));
    described.push(...(await captioner.caption(some, signal)));
  }
  return described;
}

function judgedOf({ described, references }: Described) {
  return { candidate: wordsOf(described.captions[0]?.text ?? ''), references: references.map(wordsOf) };
}

function captionStated(picture: Described, things: Things) {
  const { candidate, references } = judgedOf(picture);
  return {
    confidence: picture.described.captions[0]?.confidence ?? 0,
    isRight: isMainThingRight(candidate, references, things),
  };
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FramescribeError('CAPTIONS_INVALID', `Expected to be able to read ${path}: ${cause.code}`, { cause });
  });
}
