import { isRepetition } from '../text/repetition.ts';
import { Candidates } from './candidates.ts';
import { createInput, fillInput, type StepInput } from './rows.ts';

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

/** One step of the decoder: log-probabilities `[rows or more, vocabularySize]`, valid until the next step. */
export type Step = (input: StepInput) => Promise<Float32Array>;

/**
 * A word that a caption has to name: the id of each form that names it, with the ids of the words in whose place it may
 * stand, so that a decoder needn't have learned where a new word goes.
 */
export type Wanted = ReadonlyMap<number, readonly number[]>;

/**
 * What each word that names a thing adds to a caption's total where it's the first such word and not the very first one,
 * so that a caption isn't the better for lacking its article.
 */
export type Gains = ReadonlyMap<number, number>;

/** A picture to caption: which one, what its captions have to name, which words they mustn't hold, and what they should be about. */
export interface Task {
  readonly picture: number;
  readonly wanted: Wanted | null;
  /** Ids beside those of `BeamOptions.never`; a wanted word may stand all the same. */
  readonly never: ReadonlySet<number>;
  /** null where all things are alike. */
  readonly gains: Gains | null;
}

export interface Hypothesis {
  /** Generated ids, without the end token. */
  readonly ids: readonly number[];
  /** One for each id, and one for the end token where it came before `maxLength`. */
  readonly logProbabilities: readonly number[];
  /** Their sum. */
  readonly logProbability: number;
  /** Of their sum and what the first thing gains. */
  readonly score: number;
  /** The decoder's row that gave each id, step by step. */
  readonly rows: readonly number[];
}

/** A hypothesis in the making: its ids so far, the end token included. */
interface Open {
  /** Whether it names what is wanted; always where nothing is. */
  readonly names: boolean;
  /** Whether it holds a word that could have gained something. */
  readonly isAbout: boolean;
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly total: number;
  readonly rows: readonly number[];
}

interface Search extends Task {
  open: readonly Open[];
  /** The decoder's row of each open hypothesis. */
  rows: readonly number[];
  readonly ended: Hypothesis[];
  /** `gains` by word, and the most of them. */
  readonly gainOf: Float64Array | null;
  readonly mostGain: number;
  /** How many hypotheses ended without naming what is wanted. */
  failed: number;
}

/**
 * Beam search over a decoder for several pictures at once (Graves 2012; the beam narrows as hypotheses end, as in Xu
 * et al. 2015). Hypotheses that end go to a pool; a picture is done when no open one can still reach its `nBest`.
 * Equal log-probabilities go to the better hypothesis, then to the lower id, so the outcome is determined by the steps'
 * numbers alone. What a picture gets doesn't depend on the others, as long as the rows of a step don't.
 *
 * Where a task wants something named, a second beam as wide holds the hypotheses that name it (constrained beam search,
 * Anderson et al. 2017), and only they count. A wanted word is as likely as it and all words in whose place it may stand
 * are together.
 *
 * @returns for each task at most `nBest` different hypotheses, best first; none where the decoder gives no number, or
 * where nothing that is wanted could be named
 */
export async function beamSearch(
  tasks: readonly Task[],
  options: BeamOptions,
  step: Step,
): Promise<readonly (readonly Hypothesis[])[]> {
  const { beam, begin, maxLength } = options;
  const searches = tasks.map((task) => createSearch(task, options));
  const input = createInput(tasks.reduce((rows, { wanted }) => rows + (wanted ? 2 * beam : beam), 0));
  const best = new Candidates(beam);
  const without = new Candidates(beam);
  for (let length = 1; length <= maxLength; length++) {
    const running = searches.filter(({ open }) => open.length > 0);
    const rows = fillInput(input, running, begin);
    if (rows === 0) break;
    const logProbabilities = await step({ ...input, rows });
    for (const search of running) {
      best.clear(beam - search.ended.length);
      without.clear(search.wanted ? beam - search.failed : 0);
      search.open.forEach((hypothesis, place) => {
        const offset = (search.rows[place] as number) * options.vocabularySize;
        if (hypothesis.names) scan(logProbabilities, offset, place, hypothesis, best, search, options);
        else scanWanting(logProbabilities, offset, place, hypothesis, best, without, search, options);
      });
      advance(search, best, without, length === maxLength, options);
    }
  }
  return searches.map(({ ended }) => ended.slice(0, options.nBest));
}

/** Everything that all pictures get where nothing is wanted and nothing ruled out. */
export function plainTasks(pictures: number): readonly Task[] {
  return Array.from({ length: pictures }, (_, picture) => ({
    ...{ picture, wanted: null, never: new Set<number>(), gains: null },
  }));
}

function createSearch(task: Task, { vocabularySize }: BeamOptions): Search {
  const { picture, wanted, gains } = task;
  const gainOf = gains && new Float64Array(vocabularySize);
  for (const [word, gain] of gains ?? []) gainOf?.fill(gain, word, word + 1);
  const mostGain = Math.max(0, ...(gains?.values() ?? []));
  const first = { names: wanted === null, isAbout: false, ids: [], logProbabilities: [], total: 0, rows: [picture] };
  return { ...task, gainOf, mostGain, open: [first], rows: [], ended: [], failed: 0 };
}

/** Offers one row's words to the candidates. */
function scan(
  logProbabilities: Float32Array,
  offset: number,
  place: number,
  hypothesis: Open,
  best: Candidates,
  search: Search,
  { vocabularySize, end, never, joiner }: BeamOptions,
): void {
  const { ids, total } = hypothesis;
  const gainOf = gainsOf(hypothesis, search);
  let threshold = best.threshold;
  for (let word = 0; word < vocabularySize; word++) {
    const value = logProbabilities[offset + word] as number;
    const sum = total + value + (gainOf === null ? 0 : (gainOf[word] as number));
    if (!(sum > threshold)) continue;
    if (never.includes(word) || search.never.has(word)) continue;
    if (word === end ? ids.length === 0 : isRepetition(ids, word, joiner)) continue;
    best.insert(sum, place, word, value);
    threshold = best.threshold;
  }
}

/** What words add to a hypothesis, by their ids; null where it's about something already, or has no word yet. */
function gainsOf({ ids, isAbout }: Open, { gainOf }: Search): Float64Array | null {
  return isAbout || ids.length === 0 ? null : gainOf;
}

/** Offers the words of a row that hasn't named yet what is wanted: the wanted ones to `best`, others to those `without`. */
function scanWanting(
  logProbabilities: Float32Array,
  offset: number,
  place: number,
  hypothesis: Open,
  best: Candidates,
  without: Candidates,
  search: Search,
  options: BeamOptions,
): void {
  const gainOf = gainsOf(hypothesis, search);
  const forms = search.wanted ?? new Map<number, readonly number[]>();
  scan(logProbabilities, offset, place, hypothesis, without, search, {
    ...options,
    never: [...options.never, ...forms.keys()],
  });
  for (const [form, siblings] of forms) {
    const value = logOfSum([form, ...siblings].map((word) => logProbabilities[offset + word] as number));
    const sum = hypothesis.total + value + (gainOf?.[form] ?? 0);
    if (!(sum > best.threshold) || isRepetition(hypothesis.ids, form, options.joiner)) continue;
    best.insert(sum, place, form, value);
  }
}

/** The logarithm of the sum of numbers whose logarithms are given. */
function logOfSum(logarithms: readonly number[]): number {
  const most = Math.max(...logarithms);
  return most + Math.log(logarithms.reduce((sum, value) => sum + Math.exp(value - most), 0));
}

/** Continues a picture's hypotheses by the candidates: some end, the others stay open. */
function advance(search: Search, best: Candidates, without: Candidates, isLast: boolean, options: BeamOptions): void {
  const continued = continuations(search, best, true);
  const wanting = continuations(search, without, false);
  const isOver = ({ ids }: Open) => isLast || ids.at(-1) === options.end;
  for (const hypothesis of continued.filter(isOver)) insertEnded(search.ended, hypothesis, options);
  search.failed += wanting.filter(isOver).length;
  const open = [...continued, ...wanting].filter((hypothesis) => !isOver(hypothesis));
  search.open = canStillWin(open, search, options) ? open : [];
}

function continuations(search: Search, candidates: Candidates, names: boolean): readonly Open[] {
  return Array.from({ length: candidates.count }, (_, index) => {
    const place = candidates.places[index] as number;
    const parent = search.open[place] as Open;
    const row = search.rows[place] as number;
    const word = candidates.words[index] as number;
    return {
      names,
      isAbout: parent.isAbout || search.gains?.has(word) === true,
      ids: [...parent.ids, word],
      logProbabilities: [...parent.logProbabilities, candidates.values[index] as number],
      total: candidates.totals[index] as number,
      rows: parent.ids.length === 0 ? [row] : [...parent.rows, row],
    };
  });
}

function insertEnded(ended: Hypothesis[], { ids, logProbabilities, total, rows }: Open, options: BeamOptions): void {
  const words = ids.at(-1) === options.end ? ids.slice(0, -1) : ids;
  const score = total / ids.length ** options.lengthExponent;
  const at = ended.findIndex((other) => other.score < score);
  const logProbability = logProbabilities.reduce((sum, value) => sum + value, 0);
  const hypothesis = { ids: words, logProbabilities, logProbability, score, rows: rows.slice(0, words.length) };
  ended.splice(at < 0 ? ended.length : at, 0, hypothesis);
}

/**
 * Whether an open hypothesis could get among the best: once it's about something its total only falls, at most over
 * `maxLength`. Where something is wanted, the search goes on to its end.
 */
function canStillWin(
  open: readonly Open[],
  { wanted, ended, mostGain }: Search,
  { beam, nBest, maxLength, lengthExponent }: BeamOptions,
): boolean {
  if (open.length === 0 || ended.length >= beam) return false;
  if (wanted) return true;
  const worst = ended[nBest - 1];
  if (worst === undefined) return true;
  return open.some(({ total, isAbout }) => {
    const reach = total + (isAbout ? 0 : mostGain);
    return reach > 0 || reach / maxLength ** lengthExponent > worst.score;
  });
}
