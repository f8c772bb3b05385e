import { inflateRawSync } from 'node:zlib';
import type Database from 'libsql';
import type { Moment } from './document.ts';
import { momentFinder } from './moment-finder.ts';
import { matchAll, matchAny, readQuery } from './query.ts';

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
    const { sql, values } = hasWords ? byWords(matchAll(query), options) : byFilters(options);
    const hits: Hit[] = [];
    // Whoever is sorted out is never read whole.
    for (const found of database.prepare(sql).iterate(...values)) {
      if (hits.length >= limit) break;
      const { id, score } = found as { readonly id: number; readonly score: number };
      const { moments: packed, tags, labels, ...video } = rowOf.get(id) as VideoRow;
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
}

/** A statement that finds ids and scores, best first, with what goes into its places. */
interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

const SHOWN = 'name, source, durationMs, summary, tags, labels, endedMs, moments';

/** A word in a tag weighs four times one in a caption, a word in the summary twice. */
function byWords(expression: string, options: SearchOptions): Statement {
  const { tags = [], minConfidence = 0 } = options;
  const tagged = ' and exists (select 1 from tags where name = ? and video = words.rowid and confidence >= ?)';
  const filters = filtersOf(options, 'words.rowid');
  const sql = `
    with matched as (
      select rowid as id, -bm25(words, 4, 2, 1) as score from words
      where words match ?${tagged.repeat(tags.length)}${filters.sql} order by rowid desc limit ${RANKED}
    )
    select id, score from matched order by score desc, id desc`;
  const asked = tags.flatMap((tag) => [tag.toLowerCase(), minConfidence]);
  return { sql, values: [expression, ...asked, ...filters.values] };
}

function byFilters(options: SearchOptions): Statement {
  const { tags = [], minConfidence = 0 } = options;
  const filters = filtersOf(options, 'id');
  if (tags.length === 0) {
    const sql = `select id, 0 as score from videos where true${filters.sql} order by id desc`;
    return { sql, values: filters.values };
  }
  const one = 'select video, confidence from tags where name = ? and confidence >= ?';
  const all = Array.from(tags, () => one).join(' union all ');
  const sql = `
    with matched as (
      select video as id, min(confidence) as score from (${all}) group by video having count(*) = ${tags.length}
    )
    select id, score from matched where true${filters.sql} order by score desc, id desc`;
  return { sql, values: [...tags.flatMap((tag) => [tag.toLowerCase(), minConfidence]), ...filters.values] };
}

/** What a video must be, whatever it shows. */
function filtersOf({ labels = {}, sinceMs, untilMs }: SearchOptions, id: string): Statement {
  const labelled = Object.entries(labels).flat();
  const dated = [...(sinceMs === undefined ? [] : ['endedMs >= ?']), ...(untilMs === undefined ? [] : ['endedMs < ?'])];
  const sql = [
    ` and ${id} in (select video from labels where key = ? and value = ?)`.repeat(labelled.length / 2),
    ...(dated.length > 0 ? [` and ${id} in (select id from videos where ${dated.join(' and ')})`] : []),
  ].join('');
  return { sql, values: [...labelled, sinceMs, untilMs].filter((value) => value !== undefined) };
}
