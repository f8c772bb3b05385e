import { type Rational, ticksToMs } from '../domain/time.ts';
import { type CutEvidence, cutEvidence } from './cuts.ts';
import type { FrameFeatures } from './frame-features.ts';

/** What the shot detector saw at a frame, for tuning it. */
export interface FrameStats {
  readonly ticks: number;
  /** Distance to the frame before. */
  readonly step: number;
  /** Mean of Y, 0 to 255, and the standard deviation of its blocks. */
  readonly luma: number;
  readonly spread: number;
  readonly blank: boolean;
  /** Null where nothing hints at a cut. */
  readonly evidence: CutEvidence | null;
}

export function frameStats(frames: readonly FrameFeatures[], at: number, ticksPerSecond: number): FrameStats {
  const { ticks, step, luma, spread, blank } = frames[at] as FrameFeatures;
  return { ticks, step, luma, spread, blank, evidence: cutEvidence(frames, at, ticksPerSecond) };
}

export const STATS_HEAD = 'time_ms,step,ratio,unmatched,flash,cut_probability,luma,spread,blank\n';

/** A line of CSV; what wasn't looked at is empty, but for the probability, which is 0 then. */
export function statsLine({ ticks, step, luma, spread, blank, evidence }: FrameStats, timeBase: Rational): string {
  const seen = evidence
    ? [evidence.ratio.toFixed(2), evidence.unmatched.toFixed(3), evidence.margins.isFlash ? '1' : '0']
    : ['', '', ''];
  const probability = (evidence?.probability ?? 0).toFixed(4);
  const light = [luma.toFixed(1), spread.toFixed(1), blank ? '1' : '0'];
  return `${[ticksToMs(ticks, timeBase), step.toFixed(4), ...seen, probability, ...light].join(',')}\n`;
}
