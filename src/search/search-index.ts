import { deflateRawSync } from 'node:zlib';
import type Database from 'libsql';
import { openDatabase } from './database.ts';
import type { SearchDocument } from './document.ts';
import { facetsOf } from './facets.ts';
import { SCHEMA_VERSION, TABLES } from './schema.ts';
import { type Hit, type SearchOptions, searcher } from './searcher.ts';

/** In milliseconds since 1970, and as long as it took. */
export interface LastUpdate {
  readonly startedMs: number;
  readonly tookMs: number;
}

/** An index over results, in one file. */
export interface SearchIndex extends Disposable {
  /** Puts documents in, each in the place of an older one of its name, all or none. */
  put(documents: readonly SearchDocument[]): void;
  remove(names: readonly string[]): void;
  /** When it was last compared with all of its store; null where it never was. */
  lastUpdate(): LastUpdate | null;
  noteUpdate(update: LastUpdate): void;
  /** The revision of each video that is in it, by name. */
  revisions(): ReadonlyMap<string, string>;
  /**
   * Videos that have all the words, best first; no words: those with all the tags, surest first. Where a great many
   * have them, the newest 5,000 in the index are ranked.
   *
   * @throws {FramescribeError} USAGE
   */
  search(words: string, options?: SearchOptions): readonly Hit[];
}

/**
 * Opens the index in a file, or begins one there.
 *
 * @throws {FramescribeError} SEARCH_INDEX_UNUSABLE
 */
export function openSearchIndex(file: string): SearchIndex {
  const database = openDatabase(file, { version: SCHEMA_VERSION, tables: TABLES });
  const index = indexIn(database);
  return {
    ...index,
    [Symbol.dispose]: () => {
      index[Symbol.dispose]();
      database.close();
    },
  };
}

/** The index in a database that has its tables, and perhaps others beside them. */
export function indexIn(database: Database.Database): SearchIndex {
  const add = inserter(database);
  const drop = remover(database);
  const look = searcher(database);
  const all = (put: () => void) => database.transaction(put)();
  return {
    put: (documents) =>
      all(() => {
        for (const document of documents) {
          drop(document.name);
          add(document);
        }
      }),
    remove: (names) => all(() => names.forEach(drop)),
    lastUpdate: () =>
      (database.prepare('select startedMs, tookMs from updates').get() as LastUpdate | undefined) ?? null,
    noteUpdate: ({ startedMs, tookMs }) => {
      database
        .prepare('insert or replace into updates (id, startedMs, tookMs) values (1, ?, ?)')
        .run(startedMs, tookMs);
    },
    revisions: () => {
      const rows = database.prepare('select name, revision from videos').raw().all() as [string, string][];
      return new Map(rows);
    },
    search: look.search,
    [Symbol.dispose]: look[Symbol.dispose],
  };
}

/** A letter that nobody looks for: no phrase begins in one caption and ends in the next. */
const BREAK = ' \u02ac ';

function inserter(database: Database.Database): (document: SearchDocument) => void {
  const video = database.prepare(
    'insert into videos (name, revision, source, durationMs, summary, model, tags, labels, endedMs, moments) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const words = database.prepare('insert into words (rowid, tags, summary, captions, facets) values (?, ?, ?, ?, ?)');
  const tag = database.prepare('insert or replace into tags (name, video, confidence) values (?, ?, ?)');
  return ({ name, revision, source, durationMs, summary, model, tags, labels, endedMs, moments }) => {
    const packed = deflateRawSync(JSON.stringify(moments));
    const names = JSON.stringify(tags.map((each) => each.name));
    const { lastInsertRowid: id } = video.run(
      ...[name, revision, source, durationMs, summary, model, names, JSON.stringify(labels), endedMs, packed],
    );
    const captions = [...new Set(moments.map(({ text }) => text))].join(BREAK);
    words.run(id, tags.map((each) => each.name).join(BREAK), summary, captions, facetsOf(labels, endedMs).join(' '));
    for (const each of tags) tag.run(each.name, id, each.confidence);
  };
}

function remover(database: Database.Database): (name: string) => void {
  const find = database.prepare('select id from videos where name = ?');
  const removals = [
    'delete from words where rowid = ?',
    'delete from tags where video = ?',
    'delete from videos where id = ?',
  ].map((sql) => database.prepare(sql));
  return (name) => {
    const row = find.get(name) as { id: number } | undefined;
    if (row !== undefined) for (const removal of removals) removal.run(row.id);
  };
}
