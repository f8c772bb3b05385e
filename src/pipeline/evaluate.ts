import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Captioner } from '../caption/captioner.ts';
import { FramescribeError } from '../domain/errors.ts';
import { bleu, type Judged } from '../text/bleu.ts';
import { ciderD, ngramStatistics, ngramVector } from '../text/cider.ts';
import { parseReferences } from '../text/references.ts';
import { repeatsPhrase } from '../text/repetition.ts';
import { rougeL } from '../text/rouge.ts';
import { wordsOf } from '../text/words.ts';

/** How well a model captions a set of pictures. Shares and scores but CIDEr-D are 0 to 1. */
export interface Scores {
  readonly pictures: number;
  readonly bleu1: number;
  readonly bleu2: number;
  readonly bleu3: number;
  readonly bleu4: number;
  readonly rougeL: number;
  /** CIDEr-D, 0 to 10, document frequencies from the references. */
  readonly ciderD: number;
  /** Different words in all captions. */
  readonly vocabulary: number;
  /** Mean number of words. */
  readonly length: number;
  /** Share of captions with a phrase twice. */
  readonly repeated: number;
  readonly picturesPerSecond: number;
}

export interface Evaluation {
  readonly scores: Scores;
  readonly captions: readonly { readonly image: string; readonly caption: string; readonly confidence: number }[];
}

const TOGETHER = 64;

/**
 * Captions every picture that has reference captions, by the same way as videos, and scores the best captions.
 *
 * @param only names of the pictures to take; all that the captions name where it is null.
 * @throws {FramescribeError} CAPTIONS_INVALID, PICTURE_UNREADABLE
 */
export async function evaluate(
  captioner: Captioner,
  images: string,
  captionsFile: string,
  only: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<Evaluation> {
  const all = parseReferences(await readFile(captionsFile, 'utf8'), captionsFile);
  const names = [...all.keys()].filter((name) => only === null || only.has(name)).sort();
  if (names.length === 0) {
    throw new FramescribeError(
      'CAPTIONS_INVALID',
      `Expected captions of the chosen pictures in ${captionsFile}, found none`,
    );
  }
  const captions = [];
  const start = performance.now();
  for (let from = 0; from < names.length; from += TOGETHER) {
    const some = names.slice(from, from + TOGETHER);
    const described = await captioner.caption(
      some.map((name) => join(images, name)),
      signal,
    );
    for (const [index, image] of some.entries()) {
      const best = described[index]?.captions[0];
      captions.push({ image, caption: best?.text ?? '', confidence: best?.confidence ?? 0 });
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const judged = captions.map(({ image, caption }) => ({
    candidate: wordsOf(caption),
    references: (all.get(image) ?? []).map(wordsOf),
  }));
  return { captions, scores: { ...score(judged), picturesPerSecond: names.length / seconds } };
}

function score(judged: readonly Judged[]): Omit<Scores, 'picturesPerSecond'> {
  const [bleu1 = 0, bleu2 = 0, bleu3 = 0, bleu4 = 0] = bleu(judged);
  const statistics = ngramStatistics(judged.map(({ references }) => references));
  const cider = judged.map(({ candidate, references }) =>
    ciderD(
      ngramVector(candidate, statistics),
      references.map((words) => ngramVector(words, statistics)),
    ),
  );
  const words = judged.flatMap(({ candidate }) => candidate);
  return {
    pictures: judged.length,
    bleu1,
    bleu2,
    bleu3,
    bleu4,
    rougeL: rougeL(judged),
    ciderD: cider.reduce((sum, value) => sum + value, 0) / judged.length,
    vocabulary: new Set(words).size,
    length: words.length / judged.length,
    repeated: judged.filter(({ candidate }) => repeatsPhrase(candidate)).length / judged.length,
  };
}
