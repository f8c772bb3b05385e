import type { Rational } from '../domain/time.ts';

/** A packet of a video. */
export interface Packet {
  /** When its frame is shown, in ticks; NaN where nobody says. */
  readonly pts: number;
  readonly bytes: number;
  readonly isKey: boolean;
}

/** Packets by their place in the file, both ends included. */
export interface PacketRange {
  readonly first: number;
  readonly last: number;
}

/** A frame that shows something new takes this many times the bytes of those around it … */
const STANDS_OUT = 2.5;
const AROUND = 8;
/** … or nearly those of an I-frame, where there is something new all the time. */
const SHARE_OF_KEY = 0.7;
/** Longer, and nobody would know what is in it. */
const LONGEST_SECONDS = 12;

/**
 * Where a cut would show in the sizes of packets, and none does: the groups of pictures in which no frame that is not a
 * B-frame stands out. Encoders put an I-frame at most cuts; a frame after any other cut finds nothing in those before it
 * that it could be predicted from. A group whose frames are shown before or after its own time is never among them.
 *
 * @param packets all of a video, in the order in which they're decoded
 * @param most so many of the longest of what was found
 * @returns in order; neighbours are one, so that I-frames may lie within
 */
export function quietGroups(packets: readonly Packet[], timeBase: Rational, most: number): readonly PacketRange[] {
  if (!packets[0]?.isKey) return [];
  const longestTicks = (LONGEST_SECONDS * timeBase.den) / timeBase.num;
  const starts = packets.flatMap(({ isKey }, index) => (isKey ? [index] : []));
  if (isByTheClock(starts.map((start, group) => (starts[group + 1] ?? packets.length) - start))) return [];
  const quiet: PacketRange[] = [];
  starts.forEach((start, group) => {
    const next = starts[group + 1] ?? packets.length;
    const afterNext = starts[group + 2] ?? packets.length;
    if (!isQuiet(packets.slice(start, next), packets.slice(next, afterNext), longestTicks)) return;
    const before = quiet.at(-1);
    if (before?.last === start - 1) quiet[quiet.length - 1] = { first: before.first, last: next - 1 };
    else quiet.push({ first: start, last: next - 1 });
  });
  const length = ({ first, last }: PacketRange) => last - first;
  const least = quiet.map(length).sort((one, other) => other - one)[most] ?? 0;
  return quiet.filter((range) => length(range) > least);
}

/** Whether most groups are of one length: then I-frames don't lie at cuts, and one after a quiet group may be anything. */
function isByTheClock(lengths: readonly number[]): boolean {
  const counts = new Map<number, number>();
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1);
  return lengths.length > 2 && Math.max(...counts.values()) > lengths.length / 2;
}

function isQuiet(group: readonly Packet[], next: readonly Packet[], longestTicks: number): boolean {
  const [key] = group as readonly [Packet];
  const untilPts = next[0]?.pts ?? Number.POSITIVE_INFINITY;
  const isInside = group.every(({ pts }) => pts >= key.pts && pts < untilPts && pts - key.pts <= longestTicks);
  const anchors: number[] = [];
  let newestPts = key.pts;
  for (const { pts, bytes } of group.slice(1)) {
    if (pts > newestPts) anchors.push(bytes);
    newestPts = Math.max(newestPts, pts);
  }
  return isInside && next.every(({ pts }) => pts >= untilPts) && !anchors.some((_, at) => standsOut(anchors, at, key));
}

function standsOut(anchors: readonly number[], at: number, key: Packet): boolean {
  const bytes = anchors[at] as number;
  const around = [...anchors.slice(Math.max(0, at - AROUND), at), ...anchors.slice(at + 1, at + 1 + AROUND)];
  const usual = around.sort((one, other) => one - other)[around.length >> 1] ?? bytes;
  return bytes >= STANDS_OUT * usual || bytes >= SHARE_OF_KEY * key.bytes;
}
