import Database from 'libsql';
import type { Moment } from './document.ts';
import { TOKENIZER } from './schema.ts';

interface MomentFinder extends Disposable {
  /** The moments that have most of what an FTS5 expression asks for, best first, the surer one before its like. */
  find(moments: readonly Moment[], expression: string, limit: number): readonly Moment[];
}

/** Finds moments within one video by the same rules of spelling as the index, with a small index of their own. */
export function momentFinder(): MomentFinder {
  const database = new Database(':memory:');
  database.exec(`create virtual table moments using fts5(text, content='', tokenize='${TOKENIZER}')`);
  const insert = database.prepare('insert into moments (rowid, text) values (?, ?)');
  const match = database.prepare('select rowid - 1, bm25(moments) from moments where moments match ?').raw();
  const clear = database.prepare(`insert into moments (moments) values ('delete-all')`);
  const find = database.transaction((moments: readonly Moment[], expression: string, limit: number) => {
    clear.run();
    for (const [index, { text }] of moments.entries()) insert.run(index + 1, text);
    const found = (match.all(expression) as [number, number][]).flatMap(([index, rank]) => {
      const moment = moments[index];
      return moment === undefined ? [] : [{ moment, rank }];
    });
    found.sort(
      (a, b) => a.rank - b.rank || b.moment.confidence - a.moment.confidence || a.moment.timeMs - b.moment.timeMs,
    );
    return found.slice(0, limit).map(({ moment }) => moment);
  });
  return { find, [Symbol.dispose]: () => void database.close() };
}
