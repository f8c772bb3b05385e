import { z } from 'zod';

/**
 * Corrections by people, as kept in `edits.json` beside the result that they change. Each holds to a place in one video's
 * bytes by time, so that it finds its place in the result of another model too, whatever ids that one gives.
 */
const milliseconds = z.int().min(0);
const range = z.strictObject({ startMs: milliseconds, endMs: milliseconds });
const LONGEST_TEXT = 1000;
const LONGEST_NAME = 64;
const MOST_EDITS = 10_000;

/** One line of somebody's text, in normal form, blanks at its ends cut off. */
const line = (longest: number) =>
  z
    .string()
    .max(4 * longest)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u, 'Expected one line without control characters')
    .transform((text) => text.normalize('NFC').trim())
    .pipe(z.string().min(1).max(longest));

const text = line(LONGEST_TEXT);
/** A tag's name, in lower case as all tags are. */
const tagName = line(LONGEST_NAME).transform((name) => name.toLowerCase());

export const editId = z.string().regex(/^e\d{4,}$/);

/** What a keyframe stands for: its own time, and the time around it. */
const frame = z.strictObject({ timeMs: milliseconds, ...range.shape });

const made = {
  id: editId,
  /** SHA-256 of the video's bytes in which the times are meant. */
  video: z.string().regex(/^[0-9a-f]{64}$/),
  /** Who made it, as that person or program says; empty where nobody says. */
  by: z.union([z.literal(''), line(128)]),
  at: z.iso.datetime(),
};

/** A keyframe's caption is this. */
const captionEdit = z.strictObject({ ...made, kind: z.literal('caption'), frame, replaces: z.string(), text });

/** The video has this tag at these times; `replaces` names the tag that was a mistake for it, or is null. */
const tagEdit = z.strictObject({
  ...made,
  kind: z.literal('tag'),
  name: tagName,
  instances: z.array(range).min(1).max(MOST_EDITS),
  replaces: tagName.nullable(),
});

/** The video hasn't this tag. */
const tagRemoval = z.strictObject({ ...made, kind: z.literal('no-tag'), name: tagName });

/** The chapter at this time has this title. */
const chapterEdit = z.strictObject({
  ...made,
  kind: z.literal('chapter'),
  ...range.shape,
  replaces: z.string(),
  title: text,
});

/** The sentence of the summary that these frames are behind is this; null: it is left out. */
const sentenceEdit = z.strictObject({
  ...made,
  kind: z.literal('sentence'),
  frames: z.array(frame).min(1).max(MOST_EDITS),
  replaces: z.string(),
  text: text.nullable(),
});

export const edit = z.discriminatedUnion('kind', [captionEdit, tagEdit, tagRemoval, chapterEdit, sentenceEdit]);

export const edits = z.strictObject({
  schema: z.literal('framescribe/edits@1'),
  /** In the order in which they were made: of two that contradict each other, the later one counts. */
  edits: z.array(edit).max(MOST_EDITS),
});

/**
 * A correction as a person gives it, by the ids of the result that they look at. It becomes an {@link Edit} once it's known
 * what is there.
 */
export const correction = z.union([
  z.strictObject({ keyframe: z.string(), caption: text }),
  z.strictObject({ addTag: tagName, at: z.array(range).min(1).max(MOST_EDITS).optional() }),
  z.strictObject({ removeTag: tagName }),
  z.strictObject({ renameTag: tagName, to: tagName }),
  z.strictObject({ chapter: z.string(), title: text }),
  /** Sentences are counted from 1. */
  z.strictObject({ sentence: z.int().min(1), text: text.nullable() }),
  z.strictObject({ undo: editId }),
]);

export type Frame = Readonly<z.infer<typeof frame>>;
export type Edit = Readonly<z.infer<typeof edit>>;
export type Edits = Readonly<z.infer<typeof edits>>;
/** As somebody writes it down: {@link correction} makes names and texts neat. */
export type Correction = Readonly<z.input<typeof correction>>;

export const NO_EDITS: Edits = { schema: 'framescribe/edits@1', edits: [] };
