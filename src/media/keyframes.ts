import type { Transition } from '../domain/result.ts';
import type { ScannedShot } from '../domain/scan.ts';
import type { Rational } from '../domain/time.ts';
import { createLookalikes } from './lookalikes.ts';
import type { Finding, KeyframeCandidate, Piece } from './pieces.ts';
import type { Boundary } from './shots.ts';

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
  /** Takes what was found before `untilTicks`, in order of time. */
  take(findings: readonly Finding<C>[], untilTicks: number): Selection<C>;
  /** Ends the last shot; call it once, after all findings. */
  finish(endTicks: number): Selection<C>;
}

/** Pieces shorter than this share of a window, at the ends of a long shot, get no keyframe of their own. */
const SLIVER = 1 / 4;

/**
 * Puts pieces together to shots and chooses their keyframes. A shot no longer than a window has one keyframe; a longer
 * one has the best of each window that it covers, slivers at its ends left out. Holds the pieces of two windows.
 */
export function createKeyframeChooser<C extends KeyframeCandidate>(
  timeBase: Rational,
  windowMs: number,
): KeyframeChooser<C> {
  const windowTicks = (windowMs * timeBase.den) / (1000 * timeBase.num);
  const lookalikes = createLookalikes();
  let shot: OpenShot<C> = { index: 0, startTicks: 0, transition: 'start', pieces: [], emitted: false };

  return {
    take(findings, untilTicks) {
      const shots: ScannedShot[] = [];
      const chosen: ChosenKeyframe<C>[] = [];
      for (const finding of findings) {
        if (finding.kind === 'boundary') startShot(finding.boundary, shots, chosen);
        else shot.pieces.push(finding.piece);
      }
      emitPieces(untilTicks, chosen);
      return { shots, chosen };
    },
    finish(endTicks) {
      const shots: ScannedShot[] = [];
      const chosen: ChosenKeyframe<C>[] = [];
      endShot(endTicks, shots, chosen);
      return { shots, chosen };
    },
  };

  function startShot(boundary: Boundary, shots: ScannedShot[], chosen: ChosenKeyframe<C>[]): void {
    const { shotTicks: startTicks, transition } = boundary;
    if (startTicks <= shot.startTicks) return;
    endShot(startTicks, shots, chosen);
    shot = { index: shot.index + 1, startTicks, transition, pieces: [], emitted: false };
  }

  /** Emits the windows of a long shot that are over. */
  function emitPieces(untilTicks: number, chosen: ChosenKeyframe<C>[]): void {
    if (untilTicks - shot.startTicks <= windowTicks) return;
    const isOver = (piece: Piece<C>) => (piece.window + 1) * windowTicks <= untilTicks;
    const over = shot.pieces.filter(isOver);
    for (const piece of over) if (!isSliver(piece, Number.POSITIVE_INFINITY)) emit(piece, chosen);
    if (shot.emitted) shot.pieces = shot.pieces.filter((piece) => !isOver(piece));
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

interface OpenShot<C extends KeyframeCandidate> {
  readonly index: number;
  readonly startTicks: number;
  readonly transition: Transition;
  /** Of its windows so far, but for those that were emitted. */
  pieces: Piece<C>[];
  emitted: boolean;
}
