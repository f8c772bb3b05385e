/** A stretch of the timeline as a point among others, with its weight (its part of the whole time). */
export interface Piece {
  readonly point: Float64Array;
  readonly weight: number;
}

/**
 * Cuts a row of pieces into runs of neighbours that lie close together: of all divisions into at most `most` runs of
 * at least `lightest` weight each, the one for which the weighted squared distance to each run's own mean, plus `price`
 * for each further run, is least; but at least `fewest` runs where the weights allow it. Exact, by dynamic programming;
 * equal costs take fewer runs, then earlier cuts.
 *
 * @returns the index of the first piece of each run, ascending; the first is 0. Empty for no pieces.
 */
export function partition(
  pieces: readonly Piece[],
  limits: { readonly most: number; readonly fewest: number; readonly lightest: number; readonly price: number },
): readonly number[] {
  const count = pieces.length;
  if (count === 0) return [];
  const spread = spreads(pieces);
  // best[k][end]: least cost of the first `end` pieces in k + 1 runs; from[k][end]: where the last run starts.
  const first = Float64Array.from({ length: count + 1 }, (_, end) => (end === 0 ? 0 : spread.cost(0, end)));
  const best = [first];
  const from: Int32Array[] = [new Int32Array(count + 1)];
  for (let k = 1; k < Math.min(limits.most, count); k += 1) {
    const costs = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
    const starts = new Int32Array(count + 1);
    const fewer = best[k - 1] ?? first;
    for (let end = k + 1; end <= count; end += 1) {
      for (let start = k; start < end; start += 1) {
        if (spread.weight(start, end) < limits.lightest || spread.weight(0, start) < limits.lightest * k) continue;
        const cost = (fewer[start] ?? 0) + spread.cost(start, end);
        if (cost < (costs[end] ?? 0)) {
          costs[end] = cost;
          starts[end] = start;
        }
      }
    }
    best.push(costs);
    from.push(starts);
  }
  let runs = 0;
  for (let k = 1; k < best.length; k += 1) {
    const total = (best[k]?.[count] ?? 0) + limits.price * k;
    const isNeeded = k < limits.fewest && Number.isFinite(total);
    if (isNeeded || total < (best[runs]?.[count] ?? 0) + limits.price * runs) runs = k;
  }
  return traceBack(from, runs, count);
}

function traceBack(from: readonly Int32Array[], runs: number, count: number): readonly number[] {
  const starts: number[] = [];
  let end = count;
  for (let k = runs; k >= 0; k -= 1) {
    const start = k === 0 ? 0 : (from[k]?.[end] ?? 0);
    starts.unshift(start);
    end = start;
  }
  return starts;
}

/** Weight and weighted squared distance to the mean of any run `[start, end)`, from running sums. */
function spreads(pieces: readonly Piece[]) {
  const size = pieces[0]?.point.length ?? 0;
  const weights = new Float64Array(pieces.length + 1);
  const squares = new Float64Array(pieces.length + 1);
  const sums = [new Float64Array(size)];
  pieces.forEach(({ point, weight }, index) => {
    const sum = Float64Array.from(sums[index] ?? point, (value, at) => value + weight * (point[at] ?? 0));
    sums.push(sum);
    weights[index + 1] = (weights[index] ?? 0) + weight;
    squares[index + 1] = (squares[index] ?? 0) + weight * point.reduce((total, value) => total + value ** 2, 0);
  });
  const weight = (start: number, end: number) => (weights[end] ?? 0) - (weights[start] ?? 0);
  const known = new Map<number, number>();
  const cost = (start: number, end: number) => {
    const key = start * (pieces.length + 1) + end;
    const before = known.get(key);
    if (before !== undefined) return before;
    const low = sums[start];
    const high = sums[end];
    let length = 0;
    for (let at = 0; at < size; at += 1) length += ((high?.[at] ?? 0) - (low?.[at] ?? 0)) ** 2;
    const total = weight(start, end);
    const value = total <= 0 ? 0 : Math.max(0, (squares[end] ?? 0) - (squares[start] ?? 0) - length / total);
    known.set(key, value);
    return value;
  };
  return { weight, cost };
}
