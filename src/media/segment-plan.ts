import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Probe } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { startDecode } from './decode.ts';
import { pictureSize } from './filter-graph.ts';
import { keyPackets } from './key-packets.ts';
import { packetDrop } from './packet-drop.ts';
import type { Segment, SegmentPlan } from './segment.ts';
import { startOf } from './segment-scan.ts';
import type { Pts } from './timed-frames.ts';

/** Containers with an index, in which FFmpeg finds any I-frame at once and knows its exact time. */
const INDEXED = ['mov', 'matroska'];
/** So much may be decoded in vain before a segment: a share of its length … */
const MOST_VAIN = 0.25;
/** … or the longest distance of I-frames that is usual. */
const USUAL_GROUP_SECONDS = 20;

/**
 * Cuts a probed video into segments of about `segmentMs`, where each can be scanned by itself for little more than its
 * share of the whole. Null where it's too short for two, or one of its kind can't be cut.
 *
 * @throws {FramescribeError} CANCELLED, or what a scan throws that finds nothing to decode
 */
export async function planSegments(
  path: string,
  probe: Probe,
  scan: ScanPlan,
  segmentMs: number,
  settings: Pick<Config, 'ffmpeg' | 'limits' | 'keyframes'>,
  signal: AbortSignal,
): Promise<SegmentPlan | null> {
  // A part would have to know of packets far outside of it; and such a scan is quick as a whole.
  if (scan.frames === 'groups') return null;
  const wanted = bordersOf(probe, segmentMs, settings.keyframes.windowMs);
  if (wanted.length === 0 || !INDEXED.includes(probe.facts.container)) return null;
  const firstPts = await firstTimestamp(path, probe, scan, settings, signal);
  if (firstPts === null) return null;
  const starts = wanted.map((startMs) => startOf({ probe, firstPts }, { startMs, endMs: null })?.seekSeconds ?? 0);
  const keys = await keyPackets(path, probe.streamIndex, starts, settings, signal);
  const mostVainSeconds = Math.max(USUAL_GROUP_SECONDS, (segmentMs / 1000) * MOST_VAIN);
  const borders = wanted.filter((_, index) => {
    const key = keys[index];
    const start = starts[index] ?? 0;
    return key !== undefined && key !== null && key <= start && start - key <= mostVainSeconds;
  });
  return borders.length === 0 ? null : { probe, scan, firstPts, segments: segmentsBetween(borders) };
}

/** On the grid of the windows; the last segment isn't much shorter than the others. */
function bordersOf({ claimedDurationMs }: Probe, segmentMs: number, windowMs: number): readonly number[] {
  const stepMs = Math.max(1, Math.round(segmentMs / windowMs)) * windowMs;
  const borders: number[] = [];
  for (let at = stepMs; at + stepMs / 2 <= (claimedDurationMs ?? 0); at += stepMs) borders.push(at);
  return borders;
}

function segmentsBetween(borders: readonly number[]): readonly Segment[] {
  return [0, ...borders].map((startMs, index) => ({ startMs, endMs: borders[index] ?? null }));
}

/** Of the first frame that a decoder shows. */
async function firstTimestamp(
  path: string,
  probe: Probe,
  plan: ScanPlan,
  settings: Pick<Config, 'ffmpeg' | 'limits' | 'keyframes'>,
  signal: AbortSignal,
): Promise<Pts> {
  const size = pictureSize(probe, plan, settings.keyframes);
  const drop = await packetDrop(path, probe, plan, settings, signal);
  const nothing = () => {};
  return new Promise((resolve, reject) => {
    const push = (pts: Pts) => {
      resolve(pts);
      decoding.close();
      return 0;
    };
    const decoding = startDecode({
      path,
      probe,
      plan,
      settings,
      signal,
      size,
      drop,
      clock: { push },
      counter: { push: () => 0 },
      onFrame: nothing,
      onPicture: nothing,
    });
    decoding.ended.then(() => reject(new FramescribeError('INTERNAL', 'Expected a first frame, got none')), reject);
  });
}
