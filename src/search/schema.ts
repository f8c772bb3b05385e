/** Changes with the tables below: an index of another version is made anew. */
export const SCHEMA_VERSION = 4;

/** English endings are cut off (Porter 1980), accents too. */
export const TOKENIZER = 'porter unicode61 remove_diacritics 2';

/** One row a video. FTS5 holds no text of its own: what a hit shows lies in `videos`, the moments compressed. */
export const TABLES = `
  create table videos (
    id integer primary key,
    name text not null unique,
    revision text not null,
    source text not null,
    durationMs integer not null,
    summary text not null,
    model text not null,
    tags text not null,
    labels text not null,
    endedMs integer,
    moments blob not null
  );
  create table updates (id integer primary key check (id = 1), startedMs integer not null, tookMs integer not null);
  create table tags (
    name text not null, video integer not null, confidence real not null, primary key (name, video)
  ) without rowid;
  create index tags_of_video on tags (video);
  create virtual table words using fts5(
    tags, summary, captions, facets, content='', contentless_delete=1, tokenize='${TOKENIZER}'
  );
`;
