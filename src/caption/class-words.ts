import { z } from 'zod';
import { FramescribeError } from '../domain/errors.ts';
import type { SeenWord } from '../domain/result.ts';

/** A word that a model looks for in a picture as a whole, beside what it says in captions. */
export interface ClassWord {
  /** Lower case, singular, as a caption would have it; may be two words, such as “fire truck”. */
  readonly word: string;
  /** The probability from which the word is right about four times in five; null where none was found. */
  readonly threshold: number | null;
}

/** More would be noise: nobody names so many things in one picture. */
const MOST_WORDS = 20;
/** A logistic function in float32 may end a hair outside. */
const ROUNDING = 1e-3;

const classWord = z.strictObject({
  word: z
    .string()
    .max(60)
    .regex(/^[\p{Ll}\p{N}]+(?:[ '’-][\p{Ll}\p{N}]+)*$/u, 'Expected lower-case words parted by one space'),
  threshold: z.number().gt(0).max(1).nullable(),
});

const document = z.strictObject({ words: z.array(classWord).min(1).max(20_000) });

/**
 * The class words of a bundle: `{ "words": [{ "word": "dog", "threshold": 0.6 }, …] }` in the order of the encoder's
 * output.
 *
 * @throws {FramescribeError} BUNDLE_INVALID where it's something else or a word comes twice.
 */
export function parseClassWords(bytes: Uint8Array, file: string): readonly ClassWord[] {
  const { words } = parse(bytes, file);
  const seen = new Map<string, number>();
  words.forEach(({ word }, index) => {
    const before = seen.get(word);
    if (before !== undefined) {
      throw invalid(file, `each word once, “${word}” is at ${before} and ${index} (counted from 0)`);
    }
    seen.set(word, index);
  });
  return words;
}

/**
 * The words whose probability reaches their threshold, surest first, equal ones in order of the alphabet.
 *
 * @param probabilities `[words]`
 * @throws {FramescribeError} INFERENCE_FAILED where a number is no probability.
 */
export function seenWords(words: readonly ClassWord[], probabilities: Float32Array): readonly SeenWord[] {
  const seen = words.flatMap(({ word, threshold }, index) => {
    const probability = probabilities[index] ?? Number.NaN;
    if (!(probability >= -ROUNDING && probability <= 1 + ROUNDING)) {
      throw new FramescribeError(
        'INFERENCE_FAILED',
        `Expected a probability from 0 to 1 for the class word “${word}”, got ${probability}`,
      );
    }
    if (threshold === null || probability < threshold) return [];
    return [{ word, confidence: Math.min(Math.round(probability * 1000) / 1000, 1) }];
  });
  return seen
    .sort((one, other) => other.confidence - one.confidence || (one.word < other.word ? -1 : 1))
    .slice(0, MOST_WORDS);
}

function parse(bytes: Uint8Array, file: string): z.infer<typeof document> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw invalid(file, `JSON: ${(cause as Error).message}`);
  }
  const parsed = document.safeParse(json);
  if (parsed.success) return parsed.data;
  throw invalid(file, `a list of words with thresholds:\n${z.prettifyError(parsed.error)}`);
}

function invalid(file: string, expected: string): FramescribeError {
  return new FramescribeError('BUNDLE_INVALID', `Expected in ${file} ${expected}`);
}
