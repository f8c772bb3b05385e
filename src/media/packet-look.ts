import type { Probe } from '../domain/scan.ts';
import { ticksToMs } from '../domain/time.ts';
import { runFfprobe } from './ffprobe.ts';
import type { ProbeSettings } from './probe.ts';

/** How a video's first packets follow each other. Frames aren't decoded for it. */
export interface PacketLook {
  readonly packets: number;
  /** Every packet has a timestamp. */
  readonly timed: boolean;
  /** Some packets are there to be decoded and not shown, as before an edit list's start. */
  readonly hidden: boolean;
  /** Some packets are shown before the container's time zero. */
  readonly early: boolean;
  /** From one frame to the next as shown, usually. */
  readonly stepMs: number;
  /** The longest row of B-frames: frames that come after one which is shown later. */
  readonly longestRun: number;
  /** Frames that the decoder holds back. Two or more where B-frames lean on other B-frames. */
  readonly reorder: number;
  /** The longest time between two frames that aren't B-frames, as shown. */
  readonly anchorGapMs: number;
  readonly keys: number;
  /** The longest time between two I-frames, or from the last one to the end of the look. */
  readonly keyGapMs: number;
}

/**
 * Looks at the packets of a video's first 20 seconds.
 *
 * @throws {FramescribeError} CONTAINER_DAMAGED, DEADLINE_EXCEEDED, FFMPEG_MISSING or CANCELLED
 */
export async function lookAtPackets(
  path: string,
  probe: Probe,
  settings: ProbeSettings,
  signal: AbortSignal,
): Promise<PacketLook> {
  const entries = ['-show_entries', 'packet=pts,dts,flags:stream=has_b_frames'];
  const part = ['-select_streams', String(probe.streamIndex), '-read_intervals', '%+20'];
  const { text } = await runFfprobe(path, ['-print_format', 'compact', ...entries, ...part], settings, signal);
  return readLook(text, probe);
}

/** Reads ffprobe's lines, such as `packet|pts=1024|dts=0|flags=K__`. */
export function readLook(text: string, { timeBase }: Pick<Probe, 'timeBase'>): PacketLook {
  const packets = [...text.matchAll(/^packet\|pts=(\S+?)\|dts=\S+?\|flags=([A-Z_]*)/gm)].map(([, pts, flags = '']) => ({
    ticks: Number(pts),
    isKey: flags.includes('K'),
    isHidden: flags.includes('D'),
  }));
  const anchors: number[] = [];
  let run = 0;
  let longestRun = 0;
  for (const { ticks } of packets) {
    const isB = ticks < (anchors.at(-1) ?? Number.NEGATIVE_INFINITY);
    run = isB ? run + 1 : 0;
    longestRun = Math.max(run, longestRun);
    if (!isB) anchors.push(ticks);
  }
  const shown = packets.map(({ ticks }) => ticks).sort((one, other) => one - other);
  const keys = packets.filter(({ isKey }) => isKey).map(({ ticks }) => ticks);
  const toMs = (ticks: number) => (Number.isSafeInteger(ticks) ? ticksToMs(ticks, timeBase) : 0);
  return {
    packets: packets.length,
    timed: packets.length > 0 && packets.every(({ ticks }) => Number.isSafeInteger(ticks)),
    hidden: packets.some(({ isHidden }) => isHidden),
    early: shown[0] !== undefined && shown[0] < 0,
    stepMs: toMs(stepsOf(shown).sort((one, other) => one - other)[shown.length >> 1] ?? 0),
    longestRun,
    reorder: Number(/has_b_frames=(\d+)/.exec(text)?.[1] ?? 0),
    anchorGapMs: toMs(longest(stepsOf(anchors))),
    keys: keys.length,
    keyGapMs: toMs(longest(stepsOf([...keys, shown.at(-1) ?? 0]))),
  };
}

function stepsOf(ticks: readonly number[]): number[] {
  return ticks.slice(1).map((one, index) => one - (ticks[index] ?? 0));
}

/** Not by arguments: a hostile file has more packets than a call may have of those. */
function longest(steps: readonly number[]): number {
  return steps.reduce((most, step) => Math.max(most, step), 0);
}
