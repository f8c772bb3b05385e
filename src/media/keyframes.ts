import type { ScannedShot } from '../domain/scan.ts';
import type { Rational } from '../domain/time.ts';
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

/** Cuts the timeline into shots and chooses the keyframes of each. */
export function createKeyframeChooser<C extends KeyframeCandidate>(
  _options: KeyframeChooserOptions,
): KeyframeChooser<C> {
  let first: C | null = null;
  return {
    push(candidate) {
      first ??= candidate;
    },
    settle: () => ({ shots: [], chosen: [] }),
    finish: (endTicks) => ({
      shots: [{ index: 0, startTicks: 0, endTicks, transition: 'start' }],
      chosen: first ? [{ candidate: first, shot: 0, sameAs: null }] : [],
    }),
  };
}
