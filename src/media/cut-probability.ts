/** How far a frame is beyond each of the limits that a cut has to pass; below 0 it doesn't pass. */
export interface CutMargins {
  /** Natural logarithm of the step over its limit. */
  readonly step: number;
  /** Natural logarithm of its ratio to the steps around it over its limit. */
  readonly ratio: number;
  /** Share of the picture that is new, less its limit. */
  readonly newness: number;
  readonly isFlash: boolean;
}

/** How much each margin counts, and how sure one is on either side of the limit. `npx tsx bench/calibrate.ts` finds them. */
const WEIGHTS = { step: 1, ratio: 4, newness: 1, flash: -0.5 };
const SLOPE_ABOVE = 12;
const SLOPE_BELOW = 8;

/** The weakest margin decides: a half at the limit itself. */
export function cutProbability(margins: CutMargins): number {
  return probabilityOf(weakestMargin(margins, WEIGHTS), SLOPE_ABOVE, SLOPE_BELOW);
}

export function weakestMargin(margins: CutMargins, weights: typeof WEIGHTS): number {
  const weighted = [margins.step * weights.step, margins.ratio * weights.ratio, margins.newness * weights.newness];
  return Math.min(...weighted, ...(margins.isFlash ? [weights.flash] : []));
}

export function probabilityOf(margin: number, above: number, below: number): number {
  return 1 / (1 + Math.exp(-margin * (margin >= 0 ? above : below)));
}
