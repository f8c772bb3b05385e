import { bleu, type Judged } from './bleu.ts';
import { ciderD, ngramStatistics, ngramVector } from './cider.ts';
import { repeatsPhrase } from './repetition.ts';
import { rougeL } from './rouge.ts';
import { isInvented, type Things } from './things.ts';

/** How well captions describe pictures that people have captioned. Shares and scores but CIDEr-D are 0 to 1. */
export interface CaptionScores {
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
  /** Share of captions that name a thing which none of the references names. */
  readonly invented: number;
  /** Share of captions that no training picture has, word for word; null where those aren't known. */
  readonly novel: number | null;
}

/** Scores of the pictures whose references have so many words on average, `[from, to)`. */
export interface LengthScores {
  readonly from: number;
  readonly to: number;
  readonly pictures: number;
  readonly bleu4: number;
  readonly ciderD: number;
}

/** Mean lengths of a picture's references at which they're parted: short, middling, long and very long ones. */
const LENGTHS = [0, 10, 12, 14, Number.POSITIVE_INFINITY] as const;

/**
 * Scores captions against references.
 *
 * @param trained captions that the model has learned from, as words joined by spaces
 */
export function scoreCaptions(
  judged: readonly Judged[],
  things: Things,
  trained: ReadonlySet<string> | null,
): { readonly scores: CaptionScores; readonly byLength: readonly LengthScores[] } {
  const [bleu1 = 0, bleu2 = 0, bleu3 = 0, bleu4 = 0] = bleu(judged);
  const cider = ciderEach(judged);
  const words = judged.flatMap(({ candidate }) => candidate);
  const share = (holds: (one: Judged) => boolean) => judged.filter(holds).length / judged.length;
  const scores = {
    pictures: judged.length,
    ...{ bleu1, bleu2, bleu3, bleu4 },
    rougeL: rougeL(judged),
    ciderD: mean(cider),
    vocabulary: new Set(words).size,
    length: words.length / judged.length,
    repeated: share(({ candidate }) => repeatsPhrase(candidate)),
    invented: share(({ candidate, references }) => isInvented(candidate, references, things)),
    novel: trained && share(({ candidate }) => !trained.has(candidate.join(' '))),
  };
  return { scores, byLength: byLength(judged, cider) };
}

function byLength(judged: readonly Judged[], cider: readonly number[]): readonly LengthScores[] {
  return LENGTHS.slice(1).flatMap((to, index) => {
    const from = LENGTHS[index] ?? 0;
    const own = judged.flatMap((one, at) => {
      const length = mean(one.references.map((reference) => reference.length));
      return length >= from && length < to ? [{ one, cider: cider[at] ?? 0 }] : [];
    });
    if (own.length === 0) return [];
    const bleu4 = bleu(own.map(({ one }) => one))[3] ?? 0;
    return [{ from, to, pictures: own.length, bleu4, ciderD: mean(own.map((each) => each.cider)) }];
  });
}

/** CIDEr-D of each picture, document frequencies from all. */
function ciderEach(judged: readonly Judged[]): readonly number[] {
  const statistics = ngramStatistics(judged.map(({ references }) => references));
  return judged.map(({ candidate, references }) =>
    ciderD(
      ngramVector(candidate, statistics),
      references.map((words) => ngramVector(words, statistics)),
    ),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
