import { isRepetition } from '../text/repetition.ts';

export interface BeamOptions {
  /** Hypotheses kept open for a picture; each that ends leaves one place less. */
  readonly beam: number;
  /** Hypotheses returned for a picture, at most as many as `beam`. */
  readonly nBest: number;
  /** Tokens at most, the end token included. */
  readonly maxLength: number;
  /** A hypothesis scores its log-probability divided by its number of tokens to this power. */
  readonly lengthExponent: number;
  readonly vocabularySize: number;
  readonly begin: number;
  readonly end: number;
  /** Ids that are never generated. */
  readonly never: readonly number[];
  /** Id of the word that joins two phrases (“and”), -1 where the vocabulary has none. */
  readonly joiner: number;
}

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

/** One step of the decoder: log-probabilities `[rows or more, vocabularySize]`, valid until the next step. */
export type Step = (input: StepInput) => Promise<Float32Array>;

export interface Hypothesis {
  /** Generated ids, without the end token. */
  readonly ids: readonly number[];
  /** One for each id, and one for the end token where it came before `maxLength`. */
  readonly logProbabilities: readonly number[];
  /** Their sum. */
  readonly logProbability: number;
  readonly score: number;
  /** The decoder's row that gave each id, step by step. */
  readonly rows: readonly number[];
}

/** A hypothesis in the making: its ids so far, the end token included. */
interface Open {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly total: number;
  readonly rows: readonly number[];
}

interface Search {
  readonly picture: number;
  open: readonly Open[];
  /** The decoder's row of each open hypothesis. */
  rows: readonly number[];
  readonly ended: Hypothesis[];
}

/**
 * Beam search over a decoder for several pictures at once (Graves 2012; the beam narrows as hypotheses end, as in Xu
 * et al. 2015). Hypotheses that end go to a pool; a picture is done when no open one can still reach its `nBest`.
 * Equal log-probabilities go to the better hypothesis, then to the lower id, so the outcome is determined by the steps'
 * numbers alone. What a picture gets doesn't depend on the others, as long as the rows of a step don't.
 *
 * @returns for each picture at most `nBest` different hypotheses, best first; none where the decoder gives no number
 */
export async function beamSearch(
  pictures: number,
  options: BeamOptions,
  step: Step,
): Promise<readonly (readonly Hypothesis[])[]> {
  const { beam, begin, maxLength } = options;
  const searches = Array.from({ length: pictures }, (_, picture) => createSearch(picture));
  const input = createInput(pictures * beam);
  const best = new Candidates(beam);
  for (let length = 1; length <= maxLength; length++) {
    const running = searches.filter(({ open }) => open.length > 0);
    const rows = fillInput(input, running, begin);
    if (rows === 0) break;
    const logProbabilities = await step({ ...input, rows });
    for (const search of running) {
      best.clear(beam - search.ended.length);
      search.open.forEach((hypothesis, place) => {
        const row = search.rows[place] as number;
        scan(logProbabilities, row * options.vocabularySize, place, hypothesis, best, options);
      });
      advance(search, best, length === maxLength, logProbabilities, options);
    }
  }
  return searches.map(({ ended }) => ended.slice(0, options.nBest));
}

function createSearch(picture: number): Search {
  return { picture, open: [{ ids: [], logProbabilities: [], total: 0, rows: [picture] }], rows: [], ended: [] };
}

function createInput(rows: number): Omit<StepInput, 'rows'> {
  return { words: new Int32Array(rows), parents: new Int32Array(rows), pictures: new Int32Array(rows) };
}

/** Lays out the open hypotheses as rows; `rows.at(-1)` of each is the row that its state comes from. */
function fillInput(input: Omit<StepInput, 'rows'>, running: readonly Search[], begin: number): number {
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
function allotRows(running: readonly Search[], rows: number): void {
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

/** The best continuations of one picture at one step, as flat arrays: nothing is allocated for a candidate. */
class Candidates {
  readonly totals: Float64Array;
  readonly places: Int32Array;
  readonly words: Int32Array;
  count = 0;
  #width = 0;

  constructor(most: number) {
    this.totals = new Float64Array(most);
    this.places = new Int32Array(most);
    this.words = new Int32Array(most);
  }

  clear(width: number): void {
    this.count = 0;
    this.#width = width;
  }

  /** A candidate needs more than this. */
  get threshold(): number {
    return this.count < this.#width ? Number.NEGATIVE_INFINITY : (this.totals[this.#width - 1] as number);
  }

  /** Puts a candidate behind those that are as good: they came from better hypotheses or have lower ids. */
  insert(total: number, place: number, word: number): void {
    let at = this.count < this.#width ? this.count++ : this.#width - 1;
    for (; at > 0 && (this.totals[at - 1] as number) < total; at--) {
      this.totals[at] = this.totals[at - 1] as number;
      this.places[at] = this.places[at - 1] as number;
      this.words[at] = this.words[at - 1] as number;
    }
    this.totals[at] = total;
    this.places[at] = place;
    this.words[at] = word;
  }
}

/** Offers one row's words to the candidates. */
function scan(
  logProbabilities: Float32Array,
  offset: number,
  place: number,
  { ids, total }: Open,
  best: Candidates,
  { vocabularySize, end, never, joiner }: BeamOptions,
): void {
  let threshold = best.threshold;
  for (let word = 0; word < vocabularySize; word++) {
    const sum = total + (logProbabilities[offset + word] as number);
    if (!(sum > threshold)) continue;
    if (never.includes(word) || (word === end ? ids.length === 0 : isRepetition(ids, word, joiner))) continue;
    best.insert(sum, place, word);
    threshold = best.threshold;
  }
}

/** Continues a picture's hypotheses by the candidates: some end, the others stay open. */
function advance(
  search: Search,
  best: Candidates,
  isLast: boolean,
  logProbabilities: Float32Array,
  options: BeamOptions,
): void {
  const before = search.open;
  const open: Open[] = [];
  for (let index = 0; index < best.count; index++) {
    const place = best.places[index] as number;
    const word = best.words[index] as number;
    const parent = before[place] as Open;
    const row = search.rows[place] as number;
    const next: Open = {
      ids: [...parent.ids, word],
      logProbabilities: [...parent.logProbabilities, logProbabilities[row * options.vocabularySize + word] as number],
      total: best.totals[index] as number,
      rows: parent.ids.length === 0 ? [row] : [...parent.rows, row],
    };
    if (word === options.end || isLast) insertEnded(search.ended, next, options);
    else open.push(next);
  }
  search.open = canStillWin(open, search.ended, options) ? open : [];
}

function insertEnded(ended: Hypothesis[], { ids, logProbabilities, total, rows }: Open, options: BeamOptions): void {
  const words = ids.at(-1) === options.end ? ids.slice(0, -1) : ids;
  const score = total / ids.length ** options.lengthExponent;
  const at = ended.findIndex((other) => other.score < score);
  const hypothesis = { ids: words, logProbabilities, logProbability: total, score, rows: rows.slice(0, words.length) };
  ended.splice(at < 0 ? ended.length : at, 0, hypothesis);
}

/** Whether an open hypothesis could get among the best: its log-probability only falls, at most over `maxLength`. */
function canStillWin(
  open: readonly Open[],
  ended: readonly Hypothesis[],
  { beam, nBest, maxLength, lengthExponent }: BeamOptions,
): boolean {
  const [first] = open;
  if (first === undefined || ended.length >= beam) return false;
  const worst = ended[nBest - 1];
  return worst === undefined || first.total / maxLength ** lengthExponent > worst.score;
}
