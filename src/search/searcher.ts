import { inflateRawSync } from 'node:zlib';
import type Database from 'libsql';
import type { Moment } from './document.ts';
import { isWholeDays, labelFacet, timeFacets } from './facets.ts';
import { momentFinder } from './moment-finder.ts';
import { matchAll, matchAny, readQuery, type WordQuery } from './query.ts';

export interface SearchOptions {
  /** Tags that a video must have, each of them. */
  readonly tags?: readonly string[];
  /** Labels that a video must have, each of them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Described then or later, in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  /** Described before then. */
  readonly untilMs?: number | undefined;
  /** The least confidence of a tag that is asked for and of a moment that is shown, 0 to 1. */
  readonly minConfidence?: number;
  readonly limit?: number;
}

/** A video that was found. */
export interface Hit {
  /** The result's name in its store. */
  readonly name: string;
  readonly source: string;
  readonly durationMs: number;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** When it was described, in milliseconds since 1970; null where that isn't known. */
  readonly endedMs: number | null;
  /** Higher is better; compares hits of one search. */
  readonly score: number;
  /** Where it is seen, best first. */
  readonly moments: readonly Moment[];
}

interface Searcher extends Disposable {
  search(words: string, options?: SearchOptions): readonly Hit[];
}

/** Ranking costs about half a microsecond a match, and common words match half of all videos. */
const RANKED = 5_000;
const USUAL_LIMIT = 20;
const MOMENTS_SHOWN = 3;

/** Asks an open index. */
export function searcher(database: Database.Database): Searcher {
  const finder = momentFinder();
  const rowOf = database.prepare(`select ${SHOWN} from videos where id = ?`);
  const search = (words: string, options: SearchOptions = {}) => {
    const { minConfidence = 0, limit = USUAL_LIMIT } = options;
    const query = readQuery(words);
    const hasWords = query.wanted.length > 0;
    const { sql, values } = statementOf(query, options);
    const hits: Hit[] = [];
    // Whoever is sorted out is never read whole.
    for (const found of database.prepare(sql).iterate(...values)) {
      if (hits.length >= limit) break;
      const { id, score } = found as { readonly id: number; readonly score: number };
      const { moments: packed, tags, labels, _metadata, ...video } = rowOf.get(id) as VideoRow;
      const known = JSON.parse(String(inflateRawSync(packed))) as readonly Moment[];
      const sure = known.filter(({ confidence }) => confidence >= minConfidence);
      const moments = hasWords ? finder.find(sure, matchAny(query), MOMENTS_SHOWN) : sure.slice(0, MOMENTS_SHOWN);
      if (moments.length > 0 || minConfidence === 0) {
        hits.push({ ...video, tags: JSON.parse(tags), labels: JSON.parse(labels), score, moments });
      }
    }
    return hits;
  };
  return { search, [Symbol.dispose]: finder[Symbol.dispose] };
}

interface VideoRow extends Omit<Hit, 'moments' | 'tags' | 'labels' | 'score'> {
  /** JSON. */
  readonly tags: string;
  /** JSON. */
  readonly labels: string;
  /** JSON, compressed. */
  readonly moments: Buffer;
  /** Which libsql adds. */
  readonly _metadata?: unknown;
}

/** A statement that finds ids and scores, best first, with what goes into its places. */
interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

const SHOWN = 'name, source, durationMs, summary, tags, labels, endedMs, moments';

/** All that is asked for, as one expression of FTS5: it meets in the index what has all of it. */
function expressionOf(query: WordQuery, { tags = [], labels = {}, sinceMs, untilMs }: SearchOptions): string {
  const isDated = sinceMs !== undefined || untilMs !== undefined;
  const days = isDated ? timeFacets(sinceMs, untilMs, Date.now()) : [];
  return [
    ...(query.wanted.length > 0 ? [`{tags summary captions} : (${matchAll(query)})`] : []),
    // More than the tag itself, such as one of two words: which it is, is looked up.
    ...tags
      .map((tag) => readQuery(`"${tag}"`))
      .flatMap((tag) => (tag.wanted.length > 0 ? [`tags : (${matchAll(tag)})`] : [])),
    ...Object.entries(labels).map(([key, value]) => `facets : "${labelFacet(key, value)}"`),
    ...(isDated ? [`facets : (${days.map((day) => `"${day}"`).join(' OR ') || '"never"'})`] : []),
  ].join(' AND ');
}

/** A word in a tag weighs four times one in a caption, a word in the summary twice; without words the surest tags count. */
function statementOf(query: WordQuery, options: SearchOptions): Statement {
  const { tags = [], minConfidence = 0, sinceMs, untilMs } = options;
  const expression = expressionOf(query, options);
  if (expression === '') {
    return { sql: `select id, 0 as score from videos where ${tags.length === 0} order by id desc`, values: [] };
  }
  const names = tags.map((tag) => tag.toLowerCase());
  const tagged = ' and exists (select 1 from tags where name = ? and video = words.rowid and confidence >= ?)';
  const dated = isWholeDays(sinceMs, untilMs)
    ? ''
    : ' and exists (select 1 from videos where id = words.rowid and endedMs >= ? and endedMs < ?)';
  const least = `(select min(confidence) from tags where video = words.rowid and name in (${names.map(() => '?')}))`;
  const hasWords = query.wanted.length > 0;
  const score = hasWords ? '-bm25(words, 4, 2, 1, 0)' : names.length > 0 ? least : '0';
  const sql = `
    with matched as (
      select rowid as id, ${score} as score from words
      where words match ?${tagged.repeat(names.length)}${dated} order by rowid desc limit ${RANKED}
    )
    select id, score from matched order by score desc, id desc`;
  const values = [
    ...(hasWords ? [] : names),
    expression,
    ...names.flatMap((name) => [name, minConfidence]),
    ...(dated === '' ? [] : [sinceMs ?? 0, untilMs ?? Number.MAX_SAFE_INTEGER]),
  ];
  return { sql, values };
}
