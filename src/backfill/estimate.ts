/** An amount that was estimated, and the bounds between which nine of ten such estimates lie. */
export interface Estimated {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What is known of the videos to be described. */
export interface Survey {
  readonly videos: number;
  readonly bytes: number;
  /** Some of them, at random: their length, or null where one can't be read as a video. */
  readonly looked: readonly { readonly bytes: number; readonly durationMs: number | null }[];
  /** What videos took that were described: some of these, or others like them. */
  readonly costs: readonly { readonly videoMs: number; readonly cpuMs: number }[];
}

export interface Estimate {
  readonly videoHours: Estimated;
  /** Null where nothing was described yet. */
  readonly cpuHours: Estimated | null;
}

const ROUNDS = 400;
const MS_PER_HOUR = 3_600_000;

/**
 * Estimates hours of video and of processors from samples. A video costs something by itself and something for each second.
 * The bounds come from drawing the samples again and again (bootstrap percentiles); they tell of chance in the samples,
 * not of workers on other machines.
 *
 * @param random a generator of numbers from 0 to 1.
 */
export function estimate(survey: Survey, random: () => number): Estimate {
  const { videos, looked, costs } = survey;
  const isWhole = looked.length >= videos;
  const draw = <T>(items: readonly T[]) => items.map(() => items[Math.floor(random() * items.length)] as T);
  const rounds = Array.from({ length: ROUNDS }, () => ({
    looked: isWhole ? looked : draw(looked),
    costs: draw(costs),
  }));
  // Longer files hold longer videos, mostly: whichever of the two ways is the steadier one is taken.
  const ways = [lengthByCount, lengthByBytes].map((length) => rounds.map((round) => length({ ...survey, ...round })));
  const byBytes = spread(ways[1] ?? []) < spread(ways[0] ?? []);
  const length = byBytes ? lengthByBytes : lengthByCount;
  const cpu = (of: Survey) => processorMs(of, length(of));
  const hours = (of: (survey: Survey) => number) =>
    bounds(
      of(survey),
      rounds.map((round) => of({ ...survey, ...round })),
    );
  return { videoHours: hours(length), cpuHours: costs.length === 0 ? null : hours(cpu) };
}

function lengthByCount({ videos, looked }: Survey): number {
  return looked.length === 0 ? 0 : (videos * sum(looked.map(({ durationMs }) => durationMs ?? 0))) / looked.length;
}

function lengthByBytes({ bytes, looked }: Survey): number {
  const lookedBytes = sum(looked.map((one) => one.bytes));
  return lookedBytes === 0 ? 0 : (bytes * sum(looked.map(({ durationMs }) => durationMs ?? 0))) / lookedBytes;
}

function processorMs({ videos, looked, costs }: Survey, lengthMs: number): number {
  const readable = looked.filter(({ durationMs }) => durationMs !== null).length / Math.max(1, looked.length);
  const { eachMs, perVideoMs } = lineThrough(costs);
  return videos * readable * eachMs + lengthMs * perVideoMs;
}

/** Least squares; where the lengths tell nothing apart, or a part of it would be negative, in proportion or as a mean. */
function lineThrough(costs: Survey['costs']): { readonly eachMs: number; readonly perVideoMs: number } {
  const [x, y] = [costs.map(({ videoMs }) => videoMs), costs.map(({ cpuMs }) => cpuMs)];
  const [meanX, meanY] = [sum(x) / x.length, sum(y) / y.length];
  const variance = sum(x.map((value) => (value - meanX) ** 2));
  const slope = sum(x.map((value, index) => (value - meanX) * ((y[index] ?? 0) - meanY))) / variance;
  const isFlat = Math.sqrt(variance / x.length) < 0.05 * meanX;
  if (isFlat || !(slope > 0)) return { eachMs: meanY, perVideoMs: 0 };
  const each = meanY - slope * meanX;
  return each >= 0 ? { eachMs: each, perVideoMs: slope } : { eachMs: 0, perVideoMs: meanY / meanX };
}

function bounds(ms: number, rounds: readonly number[]): Estimated {
  const sorted = rounds.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.round(share * (sorted.length - 1))] ?? ms) / MS_PER_HOUR;
  const value = ms / MS_PER_HOUR;
  return { value, low: Math.min(value, at(0.05)), high: Math.max(value, at(0.95)) };
}

function spread(values: readonly number[]): number {
  const mean = sum(values) / Math.max(1, values.length);
  return mean === 0 ? Number.POSITIVE_INFINITY : sum(values.map((value) => (value / mean - 1) ** 2));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
