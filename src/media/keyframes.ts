import type { Transition } from '../domain/result.ts';
import type { ScannedShot } from '../domain/scan.ts';
import type { Rational } from '../domain/time.ts';
import { keyframeScore, SCORE_CONTEXT_SECONDS } from './keyframe-score.ts';
import { createLookalikes } from './lookalikes.ts';
import type { PictureMeasures } from './picture.ts';
import type { Boundary } from './shots.ts';

/** A picture that may become a keyframe. Whatever else the caller hangs on it comes back untouched. */
export interface KeyframeCandidate extends PictureMeasures {
  /** From the first shown frame, in the video's time base. */
  readonly ticks: number;
}

export interface ChosenKeyframe<C extends KeyframeCandidate> {
  readonly candidate: C;
  /** Index of its shot. */
  readonly shot: number;
  /** Index (in order of emission) of the earlier keyframe that looks the same; null where there is none. */
  readonly sameAs: number | null;
}

/** What became certain. A shot is told when it ends; its keyframes may come before it, as their windows close. */
export interface Selection<C extends KeyframeCandidate> {
  readonly shots: readonly ScannedShot[];
  readonly chosen: readonly ChosenKeyframe<C>[];
}

export interface KeyframeChooser<C extends KeyframeCandidate> {
  /** Takes a candidate; they come in order of time, and never before the last `settledTicks`. */
  push(candidate: C): void;
  /** Takes the detector's new boundaries and its `settledTicks`. */
  settle(boundaries: readonly Boundary[], settledTicks: number): Selection<C>;
  /** Ends the last shot; call it once, after the detector's last boundaries were settled. */
  finish(endTicks: number): Selection<C>;
}

export interface KeyframeChooserOptions {
  readonly timeBase: Rational;
  /** A shot longer than this has one keyframe for each window of this length. */
  readonly windowMs: number;
}

/** Pieces shorter than this share of a window, at the ends of a long shot, get no keyframe of their own. */
const SLIVER = 1 / 4;

/**
 * Cuts the timeline into shots and chooses their keyframes. Windows lie at `[n · windowMs, (n + 1) · windowMs)` from
 * the first frame. A shot no longer than a window has one keyframe; a longer one has the best of each window that it
 * covers, slivers at its ends left out. Holds the candidates that aren't settled and one for each of two windows.
 */
export function createKeyframeChooser<C extends KeyframeCandidate>({
  timeBase,
  windowMs,
}: KeyframeChooserOptions): KeyframeChooser<C> {
  const ticksPerSecond = timeBase.den / timeBase.num;
  const windowTicks = (windowMs / 1000) * ticksPerSecond;
  const contextTicks = SCORE_CONTEXT_SECONDS * ticksPerSecond;
  const lookalikes = createLookalikes();
  let waiting: C[] = [];
  let coming: Boundary[] = [];
  let past: Boundary[] = [];
  let shot: OpenShot<C> = { index: 0, startTicks: 0, transition: 'start', pieces: [], emitted: false };

  return {
    push: (candidate) => void waiting.push(candidate),
    settle(boundaries, settledTicks) {
      coming.push(...boundaries);
      return advance(settledTicks - contextTicks);
    },
    finish(endTicks) {
      coming = coming.filter((boundary) => boundary.shotTicks < endTicks);
      const selection = advance(Number.POSITIVE_INFINITY);
      const shots: ScannedShot[] = [...selection.shots];
      const chosen = [...selection.chosen];
      endShot(endTicks, shots, chosen);
      return { shots, chosen };
    },
  };

  /** Handles everything that happens before `until`, in order of time. */
  function advance(until: number): Selection<C> {
    const shots: ScannedShot[] = [];
    const chosen: ChosenKeyframe<C>[] = [];
    for (;;) {
      const candidate = waiting[0];
      const boundary = coming[0];
      const candidateTicks = candidate?.ticks ?? Number.POSITIVE_INFINITY;
      if (boundary && boundary.shotTicks <= candidateTicks && boundary.shotTicks < until) {
        coming = coming.slice(1);
        past = [...past.filter(({ endTicks }) => endTicks > boundary.shotTicks - 2 * contextTicks), boundary];
        if (boundary.shotTicks <= shot.startTicks) continue;
        endShot(boundary.shotTicks, shots, chosen);
        const { shotTicks: startTicks, transition } = boundary;
        shot = { index: shot.index + 1, startTicks, transition, pieces: [], emitted: false };
      } else if (candidate && candidateTicks < until) {
        waiting = waiting.slice(1);
        consider(candidate);
        emitPieces(candidate.ticks, chosen);
      } else {
        return { shots, chosen };
      }
    }
  }

  function consider(candidate: C): void {
    const window = windowOf(candidate.ticks, timeBase, windowMs);
    const score = keyframeScore(candidate, candidate.ticks, [...past, ...coming], ticksPerSecond);
    const last = shot.pieces.at(-1);
    if (last?.window !== window) shot.pieces.push({ window, candidate, score });
    else if (score > last.score) shot.pieces[shot.pieces.length - 1] = { window, candidate, score };
  }

  /** Emits the windows of a long shot that are over. */
  function emitPieces(now: number, chosen: ChosenKeyframe<C>[]): void {
    if (now - shot.startTicks <= windowTicks) return;
    const open = windowOf(now, timeBase, windowMs);
    const over = shot.pieces.filter((piece) => piece.window < open);
    for (const piece of over) if (!isSliver(piece, Number.POSITIVE_INFINITY)) emit(piece, chosen);
    shot.pieces = shot.pieces.filter((piece) => piece.window >= open || (!shot.emitted && over.includes(piece)));
  }

  function endShot(endTicks: number, shots: ScannedShot[], chosen: ChosenKeyframe<C>[]): void {
    const { index, startTicks, transition, pieces } = shot;
    const isLong = endTicks - startTicks > windowTicks;
    if (isLong) for (const piece of pieces) if (!isSliver(piece, endTicks)) emit(piece, chosen);
    if (!shot.emitted && pieces.length > 0) {
      emit(
        pieces.reduce((best, piece) => (piece.score > best.score ? piece : best)),
        chosen,
      );
    }
    shots.push({ index, startTicks, endTicks, transition });
  }

  function isSliver({ window }: Piece<C>, endTicks: number): boolean {
    const start = Math.max(shot.startTicks, window * windowTicks);
    const end = Math.min(endTicks, (window + 1) * windowTicks);
    return end - start < SLIVER * windowTicks;
  }

  function emit({ candidate }: Piece<C>, chosen: ChosenKeyframe<C>[]): void {
    shot.emitted = true;
    chosen.push({ candidate, shot: shot.index, sameAs: lookalikes.add(candidate.signature) });
  }
}

interface OpenShot<C> {
  readonly index: number;
  readonly startTicks: number;
  readonly transition: Transition;
  /** The best of each of its windows so far, but for those that were emitted. */
  pieces: Piece<C>[];
  emitted: boolean;
}

interface Piece<C> {
  readonly window: number;
  readonly candidate: C;
  readonly score: number;
}

function windowOf(ticks: number, timeBase: Rational, windowMs: number): number {
  return Number((BigInt(ticks) * BigInt(timeBase.num) * 1000n) / (BigInt(timeBase.den) * BigInt(windowMs)));
}
