import { inflateRawSync } from 'node:zlib';
import type Database from 'libsql';
import type { Moment } from './document.ts';
import { momentFinder } from './moment-finder.ts';
import { matchAll, matchAny, readQuery } from './query.ts';

export interface SearchOptions {
  /** Tags that a video must have, each of them. */
  readonly tags?: readonly string[];
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
  const search = (words: string, { tags = [], minConfidence = 0, limit = USUAL_LIMIT }: SearchOptions = {}) => {
    const query = readQuery(words);
    const hasWords = query.wanted.length > 0;
    const sql = hasWords ? byWords(tags.length) : byTags(tags.length);
    const filters = tags.flatMap((tag) => [tag.toLowerCase(), minConfidence]);
    const values = hasWords ? [matchAll(query), ...filters] : filters;
    const hits: Hit[] = [];
    for (const row of database.prepare(sql).iterate(...values)) {
      if (hits.length >= limit) break;
      const { moments: packed, tags: tagged, ...video } = row as VideoRow;
      const known = JSON.parse(String(inflateRawSync(packed))) as readonly Moment[];
      const sure = known.filter(({ confidence }) => confidence >= minConfidence);
      const moments = hasWords ? finder.find(sure, matchAny(query), MOMENTS_SHOWN) : sure.slice(0, MOMENTS_SHOWN);
      if (moments.length > 0 || minConfidence === 0) hits.push({ ...video, tags: JSON.parse(tagged), moments });
    }
    return hits;
  };
  return { search, [Symbol.dispose]: finder[Symbol.dispose] };
}

interface VideoRow extends Omit<Hit, 'moments' | 'tags'> {
  /** JSON. */
  readonly tags: string;
  /** JSON, compressed. */
  readonly moments: Buffer;
}

const SHOWN = 'name, source, durationMs, summary, tags, moments, score';

/** A word in a tag weighs four times one in a caption, a word in the summary twice. */
function byWords(tags: number): string {
  const tagged = ' and exists (select 1 from tags where name = ? and video = words.rowid and confidence >= ?)';
  return `
    with matched as (
      select rowid as id, -bm25(words, 4, 2, 1) as score from words
      where words match ?${tagged.repeat(tags)} order by rowid desc limit ${RANKED}
    )
    select ${SHOWN} from matched join videos using (id) order by score desc, id desc`;
}

function byTags(tags: number): string {
  if (tags === 0) return `select ${SHOWN.replace('score', '0 as score')} from videos order by id desc`;
  const one = 'select video, confidence from tags where name = ? and confidence >= ?';
  const all = Array.from({ length: tags }, () => one).join(' union all ');
  return `
    with matched as (
      select video as id, min(confidence) as score from (${all}) group by video having count(*) = ${tags}
    )
    select ${SHOWN} from matched join videos using (id) order by score desc, id desc`;
}
