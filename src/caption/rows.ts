/** What to feed to the decoder at one step, a row for each open hypothesis. A row keeps its picture while it can. */
export interface StepInput {
  readonly rows: number;
  /** `[rows]`: the word before, which the step continues. */
  readonly words: Int32Array;
  /** `[rows]`: the row of the step before whose next state belongs to this row. At the first step, the picture. */
  readonly parents: Int32Array;
  /** `[rows]`: the picture that a row looks at. */
  readonly pictures: Int32Array;
}

/** What a picture's search has open, and where. */
interface Rowed {
  readonly picture: number;
  readonly open: readonly { readonly ids: readonly number[]; readonly rows: readonly number[] }[];
  /** The decoder's row of each open hypothesis. */
  rows: readonly number[];
}

/** Room for so many rows. */
export function createInput(rows: number): Omit<StepInput, 'rows'> {
  return { words: new Int32Array(rows), parents: new Int32Array(rows), pictures: new Int32Array(rows) };
}

/** Lays out the open hypotheses as rows; `rows.at(-1)` of each is the row that its state comes from. */
export function fillInput(input: Omit<StepInput, 'rows'>, running: readonly Rowed[], begin: number): number {
  const rows = running.reduce((sum, { open }) => sum + open.length, 0);
  allotRows(running, rows);
  for (const search of running) {
    search.open.forEach((hypothesis, place) => {
      const row = search.rows[place] as number;
      input.words[row] = hypothesis.ids.at(-1) ?? begin;
      input.parents[row] = hypothesis.rows.at(-1) ?? 0;
      input.pictures[row] = search.picture;
    });
  }
  return rows;
}

/**
 * Gives each open hypothesis one of the first `rows` rows. A picture stays in rows that it had at the step before, so
 * that its features, by far the largest input, needn't be moved whenever another picture's hypothesis ends.
 */
function allotRows(running: readonly Rowed[], rows: number): void {
  const taken = new Uint8Array(rows);
  for (const search of running) {
    search.rows = search.rows.filter((row) => row < rows).slice(0, search.open.length);
    for (const row of search.rows) taken[row] = 1;
  }
  let free = 0;
  for (const search of running) {
    const more: number[] = [];
    while (search.rows.length + more.length < search.open.length) {
      while (taken[free] === 1) free++;
      more.push(free++);
    }
    if (more.length > 0) search.rows = [...search.rows, ...more];
  }
}
