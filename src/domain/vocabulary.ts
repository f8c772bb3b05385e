import { createHash } from 'node:crypto';
import { z } from 'zod';

const name = z
  .string()
  .max(64)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Expected a name without control characters')
  .transform((text) => text.normalize('NFC').trim().toLowerCase())
  .pipe(z.string().min(1));

/** What a house calls things: `config/tags.json`. Names are in lower case, as tags are. */
export const vocabularyShape = {
  /** A name that captions say, and the one that the house uses. */
  synonyms: z.record(name, name).default({}),
  /** Names of the house, and the wider ones under which a video is to be found too. */
  broader: z.record(name, z.array(name).max(32)).default({}),
  /** Names that are never a tag, said or made. */
  blocked: z.array(name).default([]),
};

export const vocabulary = z
  .strictObject({ schema: z.literal('framescribe/tags@1'), ...vocabularyShape })
  .superRefine(({ synonyms, broader, blocked }, { addIssue }) => {
    const refuse = (path: string[], message: string) => addIssue({ code: 'custom', path, message });
    for (const [said, used] of Object.entries(synonyms)) {
      if (used in synonyms && synonyms[used] !== used) refuse(['synonyms', said], `${used} has a synonym itself`);
      if (said in broader && said !== used)
        refuse(['broader', said], `it is called ${used}: say what is wider than that`);
    }
    for (const start of Object.keys(broader)) {
      if (widerThan(start, { broader }).includes(start)) refuse(['broader', start], 'it is wider than itself');
    }
    const entries = Object.keys(synonyms).length + Object.keys(broader).length + blocked.length;
    if (entries > MOST_ENTRIES) refuse([], `Expected at most ${MOST_ENTRIES} entries, got ${entries}`);
  });

const MOST_ENTRIES = 50_000;

export type Vocabulary = Readonly<Pick<z.infer<typeof vocabulary>, 'synonyms' | 'broader' | 'blocked'>>;

export const NO_VOCABULARY: Vocabulary = { synonyms: {}, broader: {}, blocked: [] };

/** All names that are wider than one, near ones first. */
export function widerThan(start: string, { broader }: Pick<Vocabulary, 'broader'>): readonly string[] {
  const found = new Set<string>();
  let last = [start];
  while (last.length > 0) {
    last = last.flatMap((each) => (Object.hasOwn(broader, each) ? (broader[each] ?? []) : []));
    last = last.filter((each) => !found.has(each));
    for (const each of last) found.add(each);
  }
  return [...found];
}

/** What tells one vocabulary from another, whatever the order of its entries; null for one that says nothing. */
export function vocabularyDigest({ synonyms, broader, blocked }: Vocabulary): string | null {
  const sorted = (record: Readonly<Record<string, unknown>>) =>
    Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
  const content = [sorted(synonyms), sorted(broader), [...blocked].sort()];
  if (content.every((part) => part.length === 0)) return null;
  return `sha256:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`;
}
