import { msToTicks, type Rational } from '../domain/time.ts';
import { keyframeScore, SCORE_CONTEXT_SECONDS } from './keyframe-score.ts';
import type { PictureMeasures } from './picture.ts';
import type { Boundary } from './shots.ts';

/** A picture that may become a keyframe. Whatever else the caller hangs on it comes back untouched. */
export interface KeyframeCandidate extends PictureMeasures {
  /** From the first shown frame, in the video's time base. */
  readonly ticks: number;
}

/** The part of a shot that lies in one window, with the candidate that stands for it best. */
export interface Piece<C extends KeyframeCandidate> {
  readonly window: number;
  readonly candidate: C;
  readonly score: number;
}

/** What of the timeline became certain: where a shot gives way to the next, and the pieces between. */
export type Finding<C extends KeyframeCandidate> =
  | { readonly kind: 'boundary'; readonly boundary: Boundary }
  | { readonly kind: 'piece'; readonly piece: Piece<C> };

export interface PieceFinder<C extends KeyframeCandidate> {
  /** Takes a candidate; they come in order of time, and never before the last `settledTicks`. */
  push(candidate: C): void;
  /** Takes the detector's new boundaries and its `settledTicks`. */
  settle(boundaries: readonly Boundary[], settledTicks: number): readonly Finding<C>[];
  /** Tells the rest; call it once, after the detector's last boundaries were settled. */
  finish(endTicks: number): readonly Finding<C>[];
  /** All that happens before this tick has been told, but for a piece of a window that goes on. */
  readonly doneTicks: number;
}

/**
 * Finds the pieces that boundaries and windows cut the timeline into, in order of time, and the best candidate of each.
 * Windows lie at `[n · windowMs, (n + 1) · windowMs)` from the first frame. A piece depends on nothing farther from it
 * than a score looks, so parts of a video that are cut between windows have the pieces of the whole. Holds the
 * candidates that aren't settled, and one more.
 */
export function createPieceFinder<C extends KeyframeCandidate>(timeBase: Rational, windowMs: number): PieceFinder<C> {
  const ticksPerSecond = timeBase.den / timeBase.num;
  const contextTicks = SCORE_CONTEXT_SECONDS * ticksPerSecond;
  let waiting: C[] = [];
  let coming: Boundary[] = [];
  let past: Boundary[] = [];
  let best: Piece<C> | null = null;
  let doneTicks = Number.NEGATIVE_INFINITY;

  return {
    push: (candidate) => void waiting.push(candidate),
    settle(boundaries, settledTicks) {
      coming.push(...boundaries);
      return advance(settledTicks - contextTicks);
    },
    finish(endTicks) {
      coming = coming.filter((boundary) => boundary.shotTicks < endTicks);
      return advance(Number.POSITIVE_INFINITY);
    },
    get doneTicks() {
      return doneTicks;
    },
  };

  /** Handles everything that happens before `until`, in order of time. */
  function advance(until: number): readonly Finding<C>[] {
    const findings: Finding<C>[] = [];
    const endPiece = () => {
      if (best) findings.push({ kind: 'piece', piece: best });
      best = null;
    };
    for (;;) {
      const candidate = waiting[0];
      const boundary = coming[0];
      const candidateTicks = candidate?.ticks ?? Number.POSITIVE_INFINITY;
      if (boundary && boundary.shotTicks <= candidateTicks && boundary.shotTicks < until) {
        coming = coming.slice(1);
        past = [...past.filter(({ endTicks }) => endTicks > boundary.shotTicks - 2 * contextTicks), boundary];
        endPiece();
        findings.push({ kind: 'boundary', boundary });
      } else if (candidate && candidateTicks < until) {
        waiting = waiting.slice(1);
        const window = windowOf(candidate.ticks, timeBase, windowMs);
        const score = keyframeScore(candidate, candidate.ticks, [...past, ...coming], ticksPerSecond);
        if (best && best.window !== window) endPiece();
        if (!best || score > best.score) best = { window, candidate, score };
      } else break;
    }
    if (best && until >= msToTicks((best.window + 1) * windowMs, timeBase)) endPiece();
    doneTicks = Math.max(doneTicks, until);
    return findings;
  }
}

function windowOf(ticks: number, timeBase: Rational, windowMs: number): number {
  return Number((BigInt(ticks) * BigInt(timeBase.num) * 1000n) / (BigInt(timeBase.den) * BigInt(windowMs)));
}
