import { z } from 'zod';
import { FramescribeError } from '../domain/errors.ts';
import type { ClassWords } from './class-words.ts';

const classWord = z.strictObject({
  word: z
    .string()
    .max(60)
    .regex(/^[\p{Ll}\p{N}]+(?:[ '’-][\p{Ll}\p{N}]+)*$/u, 'Expected lower-case words parted by one space'),
  threshold: z.number().gt(0).max(1).nullable(),
  sayFrom: z.number().gt(0).max(1).optional(),
  ifSurer: z.boolean().optional(),
  /** Words of the vocabulary; `place` is where in `places` the words are in whose place it may stand. */
  forms: z
    .array(z.strictObject({ form: z.string().min(1), place: z.int().min(0).optional() }))
    .max(1000)
    .optional(),
});

const document = z.strictObject({
  words: z.array(classWord).min(1).max(20_000),
  /** Sets of the vocabulary's words that stand in like places of a sentence. */
  places: z
    .array(z.array(z.string().min(1)).min(1).max(1000))
    .max(1000)
    .optional(),
  /** Words of the vocabulary that name things, and the class words whose presence speaks for them. */
  things: z
    .array(
      z.strictObject({
        forms: z.array(z.string().min(1)).min(1).max(1000),
        words: z.array(z.string()).max(1000),
        /** Class words that each tell of a kind of things as a whole (“any animal”), better than the words above together. */
        kinds: z.array(z.string()).max(1000).optional(),
        /** Their support on the captioned pictures. */
        usual: z.number().min(0).max(1).optional(),
      }),
    )
    .max(1000)
    .optional(),
});

/**
 * The class words of a bundle: `{ "words": [{ "word": "dog", "threshold": 0.6 }, …] }` in the order of the encoder's
 * output. A word that captions have to name where it is sure enough has `sayFrom` and `forms`; `places` and `things` are
 * needed by forms and by a confidence of the statistic `agreement`.
 *
 * @param vocabulary the word with id n at index n
 * @throws {FramescribeError} BUNDLE_INVALID where it's something else, a word comes twice, or the vocabulary lacks one.
 */
export function parseClassWords(bytes: Uint8Array, file: string, vocabulary: readonly string[]): ClassWords {
  const { words, places = [], things = [] } = parse(bytes, file);
  const ids = new Map(vocabulary.map((word, id) => [word, id]));
  const idOf = (form: string) => {
    const id = ids.get(form);
    if (id === undefined) throw invalid(file, `words of the vocabulary alone as forms, got “${form}”`);
    return id;
  };
  const placeIds = places.map((place) => place.map(idOf));
  const seen = new Map<string, number>();
  words.forEach(({ word }, index) => {
    const before = seen.get(word);
    if (before !== undefined) {
      throw invalid(file, `each word once, “${word}” is at ${before} and ${index} (counted from 0)`);
    }
    seen.set(word, index);
  });
  const classWords = words.map(({ word, threshold, sayFrom = null, ifSurer = false, forms = [] }) => {
    if (sayFrom !== null && forms.length === 0) throw invalid(file, `forms by which captions can name “${word}”`);
    const wanted = forms.map(({ form, place }) => {
      const siblings = place === undefined ? [] : placeIds[place];
      if (siblings === undefined) throw invalid(file, `a place below ${places.length} for “${form}”, got ${place}`);
      const id = idOf(form);
      return [id, siblings.filter((sibling) => sibling !== id)] as const;
    });
    return { word, threshold, sayFrom, ifSurer, forms: new Map(wanted) };
  });
  const spokenFor = (of: (thing: (typeof things)[number]) => readonly string[]) => {
    const entries = things.flatMap((thing) => {
      const places = of(thing).map((word) => {
        const index = seen.get(word);
        if (index !== undefined) return index;
        throw invalid(file, `class words alone to speak for “${thing.forms[0]}”, got “${word}”`);
      });
      return thing.forms.map((form) => [idOf(form), places] as const);
    });
    return new Map(entries);
  };
  const usual = things.flatMap(({ forms, usual: often }) => {
    return often === undefined ? [] : forms.map((form) => [idOf(form), often] as const);
  });
  return {
    classWords,
    things: spokenFor((thing) => thing.words),
    support: spokenFor((thing) => thing.kinds ?? thing.words),
    usual: new Map(usual),
  };
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
