import Database from 'libsql';
import type { Moment } from './document.ts';
import { TOKENIZER } from './schema.ts';

interface MomentFinder extends Disposable {
  /** The moments that have most of what an FTS5 expression asks for, best first, the surer one before its like. */
  find(moments: readonly Moment[], expression: string, limit: number): readonly Moment[];
  /** The same for several videos at once, which costs less. */
  findEach(videos: readonly (readonly Moment[])[], expression: string, limit: number): readonly (readonly Moment[])[];
}

/** Finds moments within a few videos by the same rules of spelling as the index, with a small index of their own. */
export function momentFinder(): MomentFinder {
  const database = new Database(':memory:');
  database.exec(`create virtual table moments using fts5(text, content='', tokenize='${TOKENIZER}')`);
  const insert = database.prepare('insert into moments (rowid, text) values (?, ?)');
  const match = database.prepare('select rowid - 1, bm25(moments) from moments where moments match ?').raw();
  const clear = database.prepare(`insert into moments (moments) values ('delete-all')`);
  type FindEach = MomentFinder['findEach'];
  const findEach: FindEach = database.transaction((...[videos, expression, limit]: Parameters<FindEach>) => {
    clear.run();
    const all = videos.flatMap((moments, video) => moments.map((moment) => ({ moment, video })));
    for (const [index, { moment }] of all.entries()) insert.run(index + 1, moment.text);
    const found = (match.all(expression) as [number, number][]).flatMap(([index, rank]) => {
      const one = all[index];
      return one === undefined ? [] : [{ ...one, rank }];
    });
    found.sort(
      (a, b) => a.rank - b.rank || b.moment.confidence - a.moment.confidence || a.moment.timeMs - b.moment.timeMs,
    );
    const best = videos.map((): Moment[] => []);
    for (const { moment, video } of found) {
      const list = best[video];
      if (list && list.length < limit) list.push(moment);
    }
    return best;
  });
  const find: MomentFinder['find'] = (moments, expression, limit) => findEach([moments], expression, limit)[0] ?? [];
  return { find, findEach, [Symbol.dispose]: () => void database.close() };
}
