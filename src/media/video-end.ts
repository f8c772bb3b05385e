import type { VideoFacts, Warning } from '../domain/result.ts';
import type { Probe } from '../domain/scan.ts';
import { formatRational, ticksToMs } from '../domain/time.ts';
import type { Pace } from './pace.ts';

/** What is known of a video once all of its frames were seen. */
export interface VideoEnd {
  readonly facts: VideoFacts;
  readonly warnings: readonly Warning[];
}

export function videoEnd(probe: Probe, pace: Pace, damagedFrames: number): VideoEnd {
  const durationMs = ticksToMs(pace.endTicks, probe.timeBase);
  const facts: VideoFacts = {
    ...probe.facts,
    durationMs,
    frameRate: formatRational(pace.frameRate),
    variableFrameRate: pace.variableFrameRate,
  };
  const warnings: Warning[] = [...probe.warnings];
  if (damagedFrames > 0) {
    warnings.push({ code: 'DECODE_ERRORS', message: `Frames that were damaged or lost: ${damagedFrames}.` });
  }
  const claimedMs = probe.claimedDurationMs ?? 0;
  if (claimedMs - durationMs > Math.max(1000, claimedMs * 0.02)) {
    const message = `The header claims ${claimedMs} ms, but ${durationMs} ms could be decoded.`;
    warnings.push({ code: 'SHORTER_THAN_CLAIMED', message });
  }
  return { facts, warnings };
}
