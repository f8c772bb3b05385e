import { rmSync } from 'node:fs';
import type Database from 'libsql';
import { FramescribeError } from '../../domain/errors.ts';
import { idOfResult } from '../../queue/job-id.ts';
import type { JobStatus } from '../../queue/status.ts';
import { openDatabase } from '../../search/database.ts';
import type { SearchDocument } from '../../search/document.ts';
import { indexIn, type SearchIndex } from '../../search/search-index.ts';
import type { ListQuery, TagList } from '../contract/index.ts';
import { type Entry, factsOf, titleOf } from './entry.ts';
import { entryOf, listing, type Page } from './listing.ts';
import { LIBRARY } from './schema.ts';

/**
 * All videos that a server knows of, on their way or with a result: the search index over the results of a store, and
 * beside it a row for each video. Everything in it can be read again from the queue and the store.
 */
export interface Library extends SearchIndex {
  /** Notes how jobs stand. What a video's result says of it stays. */
  note(jobs: readonly JobStatus[]): void;
  /** Forgets jobs; videos that have a result stay. Tells which are gone. */
  forget(ids: readonly string[]): readonly string[];
  /** Forgets a video altogether. */
  drop(id: string): void;
  get(id: string): Entry | null;
  list(query: ListQuery): Page;
  tags(limit: number): TagList['tags'];
  /** The ids of all videos without a result. */
  withoutResult(): ReadonlySet<string>;
}

/**
 * Opens the library in a file. One that can't be used is made anew.
 *
 * @throws {FramescribeError} SEARCH_INDEX_UNUSABLE
 */
export function openLibrary(file: string): Library {
  const database = openOrRemake(file);
  const index = indexIn(database);
  const look = listing(database);
  const statements = prepareAll(database);
  const all = (work: () => void) => database.transaction(work)();
  const get = (id: string): Entry | null => {
    const row = statements.get.get(id) as Parameters<typeof entryOf>[0] | undefined;
    return row === undefined ? null : entryOf(row);
  };
  const put = (entry: Entry) => {
    const { id, addedMs, job, result } = entry;
    const title = titleOf(entry);
    const name = result?.name ?? job?.result?.name ?? null;
    const video = result === null ? null : statements.video.get(result.name);
    const durationMs = result?.durationMs ?? job?.result?.durationMs ?? -1;
    const state = job?.state ?? 'completed';
    const { at } = statements.put.get(
      ...[
        id,
        name,
        (video as { id: number } | null)?.id ?? null,
        title,
        state,
        addedMs,
        durationMs,
        job && JSON.stringify(job),
        result && JSON.stringify(result),
      ],
    ) as { at: number };
    statements.dropTitle.run(at);
    statements.putTitle.run(at, spaced(title));
  };
  const named = (name: string) => (statements.named.all(name) as Parameters<typeof entryOf>[0][]).map(entryOf);
  const drop = (id: string) => {
    const row = statements.get.get(id) as { at: number } | undefined;
    if (row === undefined) return;
    statements.dropTitle.run(row.at);
    statements.drop.run(row.at);
  };
  return {
    search: index.search,
    revisions: index.revisions,
    lastUpdate: index.lastUpdate,
    noteUpdate: index.noteUpdate,
    put: (documents: readonly SearchDocument[]) => {
      index.put(documents);
      all(() => {
        for (const document of documents) {
          const known = named(document.name);
          const [id, addedMs] = [idOfResult(document.name), Date.now()];
          const entries = known.length > 0 ? known : [get(id) ?? { id, addedMs, job: null }];
          for (const entry of entries) put({ ...entry, result: factsOf(document) });
        }
      });
    },
    remove: (names) => {
      index.remove(names);
      all(() => {
        for (const entry of names.flatMap(named)) {
          // A job whose result was taken away has nothing to show any more, unless it's on its way again.
          if (entry.job && entry.job.state !== 'completed') put({ ...entry, result: null });
          else drop(entry.id);
        }
      });
    },
    note: (jobs) =>
      all(() => {
        for (const job of jobs) {
          const others = job.result === null ? [] : named(job.result.name).filter(({ id }) => id !== job.id);
          const result = get(job.id)?.result ?? others[0]?.result ?? null;
          put({ id: job.id, addedMs: Math.round(job.submittedMs), job, result });
          // The result was found before its job.
          for (const other of others) if (other.job === null) drop(other.id);
        }
      }),
    forget: (ids) => {
      const gone = ids.filter((id) => get(id)?.result === null);
      all(() => gone.forEach(drop));
      return gone;
    },
    drop: (id) => {
      const name = get(id)?.result?.name;
      if (name !== undefined) index.remove([name]);
      all(() => drop(id));
    },
    get,
    list: look.list,
    tags: (limit) => statements.tags.all(limit) as TagList['tags'],
    withoutResult: () => new Set(statements.withoutResult.all().map((row) => (row as { id: string }).id)),
    [Symbol.dispose]: () => {
      index[Symbol.dispose]();
      look[Symbol.dispose]();
      database.close();
    },
  };
}

function prepareAll(database: Database.Database) {
  return {
    get: database.prepare('select at, id, addedMs, job, result from entries where id = ?'),
    named: database.prepare('select at, id, addedMs, job, result from entries where name = ?'),
    put: database.prepare(`
      insert into entries (id, name, video, title, state, addedMs, durationMs, job, result)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set name = excluded.name, video = excluded.video, title = excluded.title, state = excluded.state,
        addedMs = excluded.addedMs, durationMs = excluded.durationMs, job = excluded.job, result = excluded.result
      returning at`),
    video: database.prepare('select id from videos where name = ?'),
    drop: database.prepare('delete from entries where at = ?'),
    putTitle: database.prepare('insert into titles (rowid, title) values (?, ?)'),
    dropTitle: database.prepare('delete from titles where rowid = ?'),
    tags: database.prepare('select name, count(*) as count from tags group by name order by count desc, name limit ?'),
    withoutResult: database.prepare('select id from entries where result is null'),
  };
}

/** `my_holiday-2024.mp4` is found by each of its parts. */
function spaced(title: string): string {
  return title.replace(/_/g, ' ');
}

function openOrRemake(file: string): Database.Database {
  try {
    return openDatabase(file, LIBRARY);
  } catch (error) {
    if (FramescribeError.from(error).code !== 'SEARCH_INDEX_UNUSABLE') throw error;
    for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
    return openDatabase(file, LIBRARY);
  }
}
