import { createInterface } from 'node:readline';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Extent } from '../domain/extent.ts';
import type { Probe } from '../domain/scan.ts';
import { msToTicks } from '../domain/time.ts';
import { fileArgument, guards } from './arguments.ts';
import { exitError, startProgram } from './ffmpeg.ts';
import { indexExtents } from './index-extents.ts';
import type { SegmentPlan } from './segment.ts';
import { startOf } from './segment-scan.ts';

/** FFmpeg looks at so much of a file's start before anything else (its `probesize`). */
const PROBED_BYTES = 5_000_000;
/** A scan reads on for some seconds after its segment, and FFmpeg goes ahead of it. */
const AFTER_SECONDS = 15;
/** For what belongs to a packet and isn't counted in its size. */
const SLACK_BYTES = 1 << 16;

/**
 * Which bytes of a file FFmpeg needs to scan each of its segments: index, start, and the packets from some I-frames
 * before it to some after it. What else is in the file doesn't matter for it. Null where that isn't known.
 *
 * @throws {FramescribeError} CANCELLED
 */
export async function segmentExtents(
  path: string,
  bytes: number,
  cut: SegmentPlan,
  settings: Pick<Config, 'ffmpeg' | 'limits'>,
  signal: AbortSignal,
): Promise<readonly (readonly Extent[])[] | null> {
  const index = await indexExtents(path, cut.probe.facts.container);
  if (index === null) return null;
  const groups = await packetGroups(path, cut.probe, settings, signal);
  const { timeBase } = cut.probe;
  const afterTicks = msToTicks(AFTER_SECONDS * 1000, timeBase);
  return cut.segments.map((segment) => {
    const fromPts = startOf(cut, segment)?.fromPts ?? Number.NEGATIVE_INFINITY;
    const toPts =
      segment.endMs === null
        ? Number.POSITIVE_INFINITY
        : cut.firstPts + msToTicks(segment.endMs, timeBase) + afterTicks;
    const start = groups.findLastIndex(({ pts }) => pts <= fromPts);
    const end = groups.findIndex(({ pts }) => pts >= toPts);
    // One more on both sides: a cluster begins before its first packet, and frames may lean on the next I-frame.
    const needed = groups.slice(Math.max(0, start - 1), end < 0 ? undefined : end + 2);
    const startBytes = Math.min(...needed.map(({ extent }) => extent.startBytes)) - SLACK_BYTES;
    const endBytes = Math.max(...needed.map(({ extent }) => extent.endBytes)) + SLACK_BYTES;
    return merged([{ startBytes: 0, endBytes: PROBED_BYTES }, ...index, { startBytes, endBytes }], bytes);
  });
}

/** In order and apart from each other, within a file of so many bytes. Small gaps are cheaper filled than asked around. */
function merged(extents: readonly Extent[], bytes: number): readonly Extent[] {
  const sorted = extents
    .map(({ startBytes, endBytes }) => ({ startBytes: Math.max(0, startBytes), endBytes: Math.min(bytes, endBytes) }))
    .filter(({ startBytes, endBytes }) => startBytes < endBytes)
    .sort((one, other) => one.startBytes - other.startBytes);
  const found: Extent[] = [];
  for (const extent of sorted) {
    const last = found.at(-1);
    if (last === undefined || extent.startBytes > last.endBytes + SLACK_BYTES) found.push(extent);
    else found[found.length - 1] = { ...last, endBytes: Math.max(last.endBytes, extent.endBytes) };
  }
  return found;
}

/** An I-frame, and all packets from it to the next one in the order of decoding. */
interface PacketGroup {
  readonly pts: number;
  readonly extent: Extent;
}

/** Reads every packet of the video's track, and decodes none. */
async function packetGroups(
  path: string,
  { streamIndex }: Probe,
  settings: Pick<Config, 'ffmpeg' | 'limits'>,
  signal: AbortSignal,
): Promise<readonly PacketGroup[]> {
  const program = startProgram(
    settings.ffmpeg.ffprobePath,
    [
      ...guards(settings),
      ...['-select_streams', String(streamIndex), '-show_entries', 'packet=pts,size,pos,flags'],
      ...['-print_format', 'csv=p=0', '-o', 'pipe:3', fileArgument(path)],
    ],
    { signal, deadlineMs: settings.limits.deadlineMs, pipes: 1 },
  );
  const groups: PacketGroup[] = [];
  const [pipe] = program.pipes;
  if (pipe === undefined) throw new FramescribeError('INTERNAL', 'Expected a pipe to ffprobe');
  const reading = (async () => {
    for await (const line of createInterface({ input: pipe })) {
      const [pts, size, pos, flags = ''] = line.split(',');
      const [startBytes, length] = [Number(pos), Number(size)];
      if (!Number.isSafeInteger(startBytes) || !Number.isSafeInteger(length)) {
        throw new FramescribeError('SEGMENT_UNFIT', `Expected the place of each packet, got none in ${path}`);
      }
      const endBytes = startBytes + length;
      const last = groups.at(-1);
      if (last === undefined || flags.startsWith('K')) {
        groups.push({ pts: Number(pts), extent: { startBytes, endBytes } });
        continue;
      }
      const { extent } = last;
      const whole = {
        startBytes: Math.min(extent.startBytes, startBytes),
        endBytes: Math.max(extent.endBytes, endBytes),
      };
      groups[groups.length - 1] = { ...last, extent: whole };
    }
  })();
  reading.catch((error) => program.stop(FramescribeError.from(error)));
  const [exit] = await Promise.all([program.gone, reading]);
  if (exit.exitCode !== 0) throw exitError(`to look at the packets of ${path}`, exit);
  return groups;
}
