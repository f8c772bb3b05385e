/** The best continuations of one picture at one step, as flat arrays: nothing is allocated for a candidate. */
export class Candidates {
  readonly totals: Float64Array;
  /** Which hypothesis each continues. */
  readonly places: Int32Array;
  readonly words: Int32Array;
  /** The log-probability of each word alone. */
  readonly values: Float64Array;
  count = 0;
  #width = 0;

  constructor(most: number) {
    this.totals = new Float64Array(most);
    this.places = new Int32Array(most);
    this.words = new Int32Array(most);
    this.values = new Float64Array(most);
  }

  clear(width: number): void {
    this.count = 0;
    this.#width = width;
  }

  /** A candidate needs more than this. */
  get threshold(): number {
    if (this.#width === 0) return Number.POSITIVE_INFINITY;
    return this.count < this.#width ? Number.NEGATIVE_INFINITY : (this.totals[this.#width - 1] as number);
  }

  /** Puts a candidate behind those that are as good: they came from better hypotheses or have lower ids. */
  insert(total: number, place: number, word: number, value: number): void {
    let at = this.count < this.#width ? this.count++ : this.#width - 1;
    for (; at > 0 && (this.totals[at - 1] as number) < total; at--) {
      this.totals[at] = this.totals[at - 1] as number;
      this.places[at] = this.places[at - 1] as number;
      this.words[at] = this.words[at - 1] as number;
      this.values[at] = this.values[at - 1] as number;
    }
    this.totals[at] = total;
    this.places[at] = place;
    this.words[at] = word;
    this.values[at] = value;
  }
}
