import { inflateRawSync } from 'node:zlib';
import type Database from 'libsql';
import { FramescribeError } from '../../domain/errors.ts';
import type { Moment } from '../../search/document.ts';
import { momentFinder } from '../../search/moment-finder.ts';
import { matchAll, matchAny, readQuery } from '../../search/query.ts';
import type { ListQuery, SortOrder } from '../contract/index.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { Entry } from './entry.ts';

/** A page of entries. */
export interface Page {
  readonly entries: readonly FoundEntry[];
  readonly next: string | null;
  readonly total: number;
}

export interface FoundEntry extends Entry {
  /** Where what was looked for is seen; with words only. */
  readonly moments?: readonly Moment[];
}

interface EntryRow {
  readonly at: number;
  readonly id: string;
  readonly addedMs: number;
  readonly job: string | null;
  readonly result: string | null;
}

interface RankedRow extends EntryRow {
  readonly video: number | null;
  /** Of all pages. */
  readonly total: number;
}

/** Ranking a common word over a large archive costs; the newest that have it will do. */
const RANKED = 2_000;
const MOMENTS_SHOWN = 5;
/** A word in a name counts more than any number of words in captions. */
const NAME_BONUS = 1_000;

const ORDERS: Readonly<Record<SortOrder, { readonly column: string; readonly isDescending: boolean }>> = {
  newest: { column: 'addedMs', isDescending: true },
  oldest: { column: 'addedMs', isDescending: false },
  name: { column: 'title collate nocase', isDescending: false },
  longest: { column: 'durationMs', isDescending: true },
};

/** Asks a library's tables. */
export function listing(database: Database.Database): { list(query: ListQuery): Page } & Disposable {
  const finder = momentFinder();
  const statements = new Map<string, Database.Statement>();
  const prepare = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, known);
    return known;
  };

  const sorted = ({ tag, state, sort, limit, cursor }: ListQuery): Page => {
    const { column, isDescending } = ORDERS[sort];
    const filter = filterOf(tag, state);
    const way = isDescending ? 'desc' : 'asc';
    const place = cursor === undefined ? null : readCursor(cursor);
    if (typeof place === 'number') throw new FramescribeError('REQUEST_INVALID', 'Expected a `cursor` of this list');
    const after = place === null ? '' : `and (${column}, id) ${isDescending ? '<' : '>'} (?, ?)`;
    const rows = prepare(
      `select at, id, addedMs, job, result, ${column.split(' ')[0]} as sorted from entries
       where ${filter.sql} ${after} order by ${column} ${way}, id ${way} limit ?`,
    ).all(...filter.values, ...(place ?? []), limit + 1) as (EntryRow & { readonly sorted: string | number })[];
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const { total } = prepare(`select count(*) as total from entries where ${filter.sql}`).get(...filter.values) as {
      total: number;
    };
    return {
      entries: shown.map(entryOf),
      next: rows.length > limit && last ? writeCursor([last.sorted, last.id]) : null,
      total,
    };
  };

  const ranked = ({ q, tag, state, limit, cursor }: ListQuery): Page => {
    const isTyping = !/[\s"]$/.test(q);
    const words = readQuery(q);
    // Signs alone name nothing.
    if (words.wanted.length === 0) return { entries: [], next: null, total: 0 };
    const place = cursor === undefined ? 0 : readCursor(cursor);
    if (typeof place !== 'number') throw new FramescribeError('REQUEST_INVALID', 'Expected a `cursor` of this search');
    const filter = filterOf(tag, state);
    const match = matchAll(words, isTyping);
    const narrowed = (column: 'video' | 'at') =>
      tag.length + state.length === 0 ? '' : `and +rowid in (select ${column} from entries where ${filter.sql})`;
    const found = `
      with seen as (
        select rowid as video, -bm25(words, 4, 2, 1) as score from words where words match ?
          ${narrowed('video')}
        order by rowid desc limit ${RANKED}
      ), named as (
        select rowid as entry, ${NAME_BONUS} - bm25(titles) as score from titles where titles match ?
          ${narrowed('at')}
        order by rowid desc limit ${RANKED}
      ), scores as (
        select entries.at as entry, score from seen join entries using (video)
        union all select entry, score from named
      ), best as (select entry, max(score) as score from scores group by entry)`;
    const rows = prepare(
      `${found} select at, id, addedMs, job, result, video, count(*) over () as total from best join entries on at = entry
       order by score desc, at desc limit ? offset ?`,
    ).all(match, ...filter.values, match, ...filter.values, limit + 1, place) as RankedRow[];
    const shown = rows.slice(0, limit);
    const known = shown.map(({ video }) => momentsOf(video));
    const moments = finder.findEach(known, matchAny(words, isTyping), MOMENTS_SHOWN);
    const entries = shown.map((row, at) => ({ ...entryOf(row), moments: moments[at] ?? [] }));
    return { entries, next: rows.length > limit ? writeCursor(place + limit) : null, total: rows[0]?.total ?? 0 };
  };

  const momentsOf = (video: number | null): readonly Moment[] => {
    if (video === null) return [];
    const row = prepare('select moments from videos where id = ?').get(video) as { moments: Buffer } | undefined;
    return row === undefined ? [] : JSON.parse(String(inflateRawSync(row.moments)));
  };

  return {
    list: (query) => (query.q.trim() === '' ? sorted(query) : ranked(query)),
    [Symbol.dispose]: finder[Symbol.dispose],
  };
}

/** A row of `entries`. */
export function entryOf({ id, addedMs, job, result }: EntryRow): Entry {
  return {
    id,
    addedMs,
    job: job === null ? null : JSON.parse(job),
    result: result === null ? null : JSON.parse(result),
  };
}

function filterOf(tags: readonly string[], states: readonly string[]) {
  const tagged = 'video in (select video from tags where name = ?)';
  const ofState = states.length === 0 ? [] : [`state in (${states.map(() => '?').join(', ')})`];
  const sql = [...ofState, ...tags.map(() => tagged)].join(' and ') || 'true';
  return { sql, values: [...states, ...tags.map((tag) => tag.toLowerCase())] };
}
