import type { Probe } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { parseRational, type Rational } from '../domain/time.ts';

/** What the timestamps of all frames together say. */
export interface Pace {
  readonly frames: number;
  /** End of the last frame, in ticks from the first one's start: it lasts as long as is usual. */
  readonly endTicks: number;
  readonly frameRate: Rational;
  readonly variableFrameRate: boolean;
}

/** What the pace is told from. Those of neighbouring parts of a video add up to that of the whole. */
export interface PaceFacts {
  readonly frames: number;
  /** Of the last frame. */
  readonly lastTicks: number;
  /** The last step between two frames that isn't 0; 0 where there is none. */
  readonly lastStep: number;
  /** Each step between two frames and how often it comes, in the order in which they came first. */
  readonly steps: readonly (readonly [ticks: number, count: number])[];
}

/** Past so many different steps the rate is variable anyway. */
export const MOST_STEPS = 1000;

/** Puts the facts of neighbouring parts together, in order of time. */
export function joinPaces(parts: readonly PaceFacts[]): PaceFacts {
  const steps = new Map<number, number>();
  for (const [step, count] of parts.flatMap((part) => part.steps)) {
    if (steps.size < MOST_STEPS || steps.has(step)) steps.set(step, (steps.get(step) ?? 0) + count);
  }
  return {
    frames: parts.reduce((sum, { frames }) => sum + frames, 0),
    lastTicks: parts.findLast(({ frames }) => frames > 0)?.lastTicks ?? 0,
    lastStep: parts.findLast(({ lastStep }) => lastStep > 0)?.lastStep ?? 0,
    steps: [...steps],
  };
}

/** The pace of a video with at least one frame, whose header claims a rate, or none (null). */
export function paceOf(facts: PaceFacts, timeBase: Rational, claimedRate: Rational | null): Pace {
  const claimed = claimedRate !== null && claimedRate.num > 0 ? claimedRate : null;
  const variableFrameRate = isVariable(facts);
  const usual = (variableFrameRate ? facts.lastStep : medianStep(facts)) || nominalStep(timeBase, claimed);
  return {
    frames: facts.frames,
    endTicks: facts.lastTicks + usual,
    frameRate: frameRate(facts, timeBase, claimed),
    variableFrameRate,
  };
}

/** From one frame to the next by the claimed rate, in ticks, where a scan leaves some of them out. */
export function sparseStep(
  { timeBase, facts }: Pick<Probe, 'timeBase' | 'facts'>,
  { frames }: Pick<ScanPlan, 'frames'>,
) {
  return frames === 'all' ? undefined : nominalStep(timeBase, parseRational(facts.frameRate));
}

/** How many ticks a frame lasts by the claimed rate, or by a common one. */
export function nominalStep(timeBase: Rational, claimedRate: Rational | null): number {
  const rate = claimedRate !== null && claimedRate.num > 0 ? claimedRate : { num: 25, den: 1 };
  return Math.max(1, Math.round((rate.den * timeBase.den) / (rate.num * timeBase.num)));
}

/** The claimed rate where the frames agree within half a percent; else frames by time. */
function frameRate({ frames, lastTicks }: PaceFacts, { num, den }: Rational, claimed: Rational | null): Rational {
  if (frames < 2 || lastTicks === 0) return claimed ?? { num: 0, den: 1 };
  const counted = reduce({ num: (frames - 1) * den, den: lastTicks * num });
  if (!claimed) return counted;
  const agreement = (claimed.num * counted.den) / (claimed.den * counted.num);
  return Math.abs(agreement - 1) < 0.005 ? claimed : counted;
}

/** More than one step in fifty differs from the median step by over a tenth, rounding of the time base aside. */
function isVariable(facts: PaceFacts): boolean {
  const median = medianStep(facts);
  const tolerance = Math.max(1, median * 0.1);
  let all = 0;
  let odd = 0;
  for (const [step, count] of facts.steps) {
    all += count;
    if (Math.abs(step - median) > tolerance) odd += count;
  }
  return odd * 50 > all;
}

function medianStep(facts: PaceFacts): number {
  const steps = facts.steps.toSorted(([one], [other]) => one - other);
  const half = steps.reduce((sum, [, count]) => sum + count, 0) / 2;
  let seen = 0;
  for (const [step, count] of steps) {
    seen += count;
    if (seen >= half) return step;
  }
  return 0;
}

function reduce({ num, den }: Rational): Rational {
  let [a, b] = [num, den];
  while (b > 0) [a, b] = [b, a % b];
  return { num: num / a, den: den / a };
}
