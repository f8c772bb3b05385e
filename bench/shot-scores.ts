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

/** A boundary hits a known one at ±0.25 s; one of a gradual transition within its known span ±0.25 s. */
export function compare(found: readonly number[], known: readonly KnownCut[]): Score {
  const left = new Set(found);
  const missed: number[] = [];
  for (const { time, from = time, to = time } of known) {
    const near = [...left].filter((one) => one >= from - 0.251 && one <= to + 0.251);
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
  const f1 = hits + missed + extra === 0 ? 1 : (2 * hits) / (2 * hits + missed + extra);
  return `${hits} found, ${missed} missed, ${extra} extra, F1 ${f1.toFixed(3)}`;
}
