import { z } from 'zod';
import { videoItem, videoState } from './video.ts';

const MOST_TAGS = 16;

/** A name that stands once in a query is one text, one that stands more often is a list. */
const several = <Each extends z.ZodType>(each: Each, most: number) =>
  z.union([z.array(each).max(most), each.transform((one) => [one])]).default([]);

const atMost = (most: number, usual: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'Expected a whole number')
    .transform(Number)
    .refine((number) => number <= most, `Expected at most ${most}`)
    .default(usual);

export const sortOrder = z.enum(['newest', 'oldest', 'name', 'longest']);

export const listQuery = z.strictObject({
  /** Words, as in `framescribe search`; the last one may be unfinished. */
  q: z.string().max(400).default(''),
  /** Each of them. */
  tag: several(z.string().min(1).max(100), MOST_TAGS),
  /** Any of them. */
  state: several(videoState, videoState.options.length),
  /** With words the best come first, whatever is said here. */
  sort: sortOrder.default('newest'),
  limit: atMost(200, 50),
  /** `next` of the page before. */
  cursor: z.string().max(400).optional(),
});

export const videoList = z.strictObject({
  videos: z.array(videoItem),
  /** For the next page; null on the last one. */
  next: z.string().nullable(),
  /** Of all pages; where a search finds a great many, of those that are ranked. */
  total: z.int().min(0),
});

export const tagsQuery = z.strictObject({ limit: atMost(500, 100) });

/** How many videos have each tag, the most frequent first. */
export const tagList = z.strictObject({
  tags: z.array(z.strictObject({ name: z.string(), count: z.int().min(1) })),
});

export type ListQuery = Readonly<z.output<typeof listQuery>>;
export type SortOrder = z.infer<typeof sortOrder>;
export type VideoList = Readonly<z.infer<typeof videoList>>;
export type TagList = Readonly<z.infer<typeof tagList>>;
