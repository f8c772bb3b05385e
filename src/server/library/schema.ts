import { SCHEMA_VERSION, TABLES, TOKENIZER } from '../../search/schema.ts';

/** Changes with the tables below and with those of the search index: a library of another version is made anew. */
const VERSION = 1;

/**
 * One row a video, on its way or with a result: `name` is the result's, `video` its row in the search index. Jobs with other
 * models may share a result. Sorted columns are never null.
 */
export const LIBRARY = {
  version: SCHEMA_VERSION * 1000 + VERSION,
  tables: `${TABLES}
  create table entries (
    at integer primary key,
    id text not null unique,
    name text,
    video integer,
    title text not null,
    state text not null,
    addedMs integer not null,
    durationMs integer not null default -1,
    job text,
    result text
  );
  create index entries_by_name on entries (name);
  create index entries_by_video on entries (video);
  create index entries_by_time on entries (addedMs, id);
  create index entries_by_state on entries (state, addedMs, id);
  create index entries_by_title on entries (title collate nocase, id);
  create index entries_by_length on entries (durationMs, id);
  create virtual table titles using fts5(title, content='', contentless_delete=1, tokenize='${TOKENIZER}');
`,
} as const;
