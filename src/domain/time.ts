/** An exact fraction, such as a time base or a frame rate. `den` is positive. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** Reads `num/den` or `num:den`, as ffprobe writes them. Null where it isn't a fraction or is divided by 0. */
export function parseRational(text: string | undefined): Rational | null {
  const match = /^(-?\d+)[/:](\d+)$/.exec(text ?? '');
  if (!match) return null;
  const num = Number(match[1]);
  const den = Number(match[2]);
  return den === 0 || !Number.isSafeInteger(num) || !Number.isSafeInteger(den) ? null : { num, den };
}

export function formatRational(value: Rational): string {
  return `${value.num}/${value.den}`;
}

/** Ticks of a time base as whole milliseconds, rounded half away from zero, exact for any safe integer. */
export function ticksToMs(ticks: number, timeBase: Rational): number {
  const numerator = BigInt(ticks) * BigInt(timeBase.num) * 1000n;
  const denominator = BigInt(timeBase.den);
  const doubled = numerator * 2n;
  const rounded =
    numerator >= 0n ? (doubled + denominator) / (denominator * 2n) : (doubled - denominator) / (denominator * 2n);
  return Number(rounded);
}

/** The first tick at or after a time in milliseconds. */
export function msToTicks(ms: number, timeBase: Rational): number {
  const numerator = BigInt(ms) * BigInt(timeBase.den);
  const denominator = BigInt(timeBase.num) * 1000n;
  const quotient = numerator / denominator;
  return Number(numerator > quotient * denominator ? quotient + 1n : quotient);
}

/** Ticks of a time base as an exact fraction of seconds, such as `60060/30000`. */
export function formatTicks(ticks: number, timeBase: Rational): string {
  return `${BigInt(ticks) * BigInt(timeBase.num)}/${timeBase.den}`;
}
