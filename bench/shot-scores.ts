export interface KnownCut {
  readonly time: number;
  readonly type: string;
  readonly from?: number;
  readonly to?: number;
}

export interface Score {
  readonly hits: number;
  readonly missed: readonly number[];
  readonly extra: readonly number[];
}

/** A boundary hits a known one at ±`within` seconds; one of a gradual transition within its known span and as much around it. */
export function compare(found: readonly number[], known: readonly KnownCut[], within = 0.25): Score {
  const left = new Set(found);
  const missed: number[] = [];
  for (const { time, from = time, to = time } of known) {
    const near = [...left].filter((one) => one >= from - within - 0.001 && one <= to + within + 0.001);
    const hit = near.sort((a, b) => Math.abs(a - time) - Math.abs(b - time))[0];
    if (hit === undefined) missed.push(time);
    else left.delete(hit);
  }
  return { hits: known.length - missed.length, missed, extra: [...left] };
}

export function describe(name: string, frames: number, score: Score, note: string): string {
  const list = (label: string, times: readonly number[]) =>
    times.length > 0 ? `, ${label} ${times.map((time) => time.toFixed(2)).join(' ')}` : '';
  const text = figures(score.hits, score.missed.length, score.extra.length);
  return `${name} (${frames} frames): ${text}${list('missed', score.missed)}${list('extra', score.extra)}${note}`;
}

export function figures(hits: number, missed: number, extra: number): string {
  return `${hits} found, ${missed} missed, ${extra} extra, F1 ${f1(hits, missed, extra).toFixed(3)}`;
}

export function f1(hits: number, missed: number, extra: number): number {
  return hits + missed + extra === 0 ? 1 : (2 * hits) / (2 * hits + missed + extra);
}
