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
/** What is new is looked at for so long, as a shot may begin there and want a picture. */
const LOOK_SECONDS = 1;
/** Of a longer group nobody would know what is in it. */
const LONGEST_SECONDS = 12;

/**
 * Where a cut would show in the sizes of packets, and none does until the next I-frame: the ends of groups of pictures, from a
 * second after the last frame that is not a B-frame and stands out, or right after the I-frame where none does. Encoders put an
 * I-frame at most cuts; a frame after any other cut finds nothing in those before it that it could be predicted from. What is
 * left of a group leans on nothing in its end. A group whose frames are shown before or after its own time is left whole.
 *
 * @param packets all of a video, in the order in which they're decoded
 * @param most so many of the longest of what was found
 * @returns in order; neighbours are one, so that I-frames may lie within
 */
export function quietTails(packets: readonly Packet[], timeBase: Rational, most: number): readonly PacketRange[] {
  if (!packets[0]?.isKey) return [];
  const ticksPerSecond = timeBase.den / timeBase.num;
  const starts = packets.flatMap(({ isKey }, index) => (isKey ? [index] : []));
  if (isByTheClock(starts.map((start, group) => (starts[group + 1] ?? packets.length) - start))) return [];
  const quiet: PacketRange[] = [];
  starts.forEach((start, group) => {
    const next = starts[group + 1] ?? packets.length;
    const afterNext = starts[group + 2] ?? packets.length;
    const whole = packets.slice(start, next);
    if (!isClosed(whole, packets.slice(next, afterNext), LONGEST_SECONDS * ticksPerSecond)) return;
    const first = start + tailOf(whole, LOOK_SECONDS * ticksPerSecond);
    const before = quiet.at(-1);
    if (before?.last === first - 1) quiet[quiet.length - 1] = { first: before.first, last: next - 1 };
    else if (first < next) quiet.push({ first, last: next - 1 });
  });
  const length = ({ first, last }: PacketRange) => last - first;
  const least = quiet.map(length).sort((one, other) => other - one)[most] ?? 0;
  return quiet.filter((range) => length(range) > least);
}

/** Whether most groups are of one length: then I-frames don't lie at cuts, and one after a quiet end may be anything. */
function isByTheClock(lengths: readonly number[]): boolean {
  const counts = new Map<number, number>();
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1);
  return lengths.length > 2 && Math.max(...counts.values()) > lengths.length / 2;
}

/** Whether all frames of a group are shown between its I-frame and the next, and none of the next group's is. */
function isClosed(group: readonly Packet[], next: readonly Packet[], longestTicks: number): boolean {
  const fromPts = group[0]?.pts ?? Number.NaN;
  const untilPts = next[0]?.pts ?? Number.POSITIVE_INFINITY;
  return (
    group.every(({ pts }) => pts >= fromPts && pts < untilPts && pts - fromPts <= longestTicks) &&
    next.every(({ pts }) => pts >= untilPts)
  );
}

/** Where the quiet end of a group starts: 0 where all of it is quiet, its length where it has none. */
function tailOf(group: readonly Packet[], lookTicks: number): number {
  const [key] = group as readonly [Packet];
  const anchors: { readonly at: number; readonly packet: Packet }[] = [];
  let newestPts = key.pts;
  for (const [at, packet] of group.entries()) {
    if (packet.pts > newestPts) anchors.push({ at, packet });
    newestPts = Math.max(newestPts, packet.pts);
  }
  const sizes = anchors.map(({ packet }) => packet.bytes);
  const lastNew = anchors.findLast((_, index) => standsOut(sizes, index, key));
  if (!lastNew) return 0;
  return anchors.find(({ packet }) => packet.pts > lastNew.packet.pts + lookTicks)?.at ?? group.length;
}

function standsOut(sizes: readonly number[], at: number, key: Packet): boolean {
  const bytes = sizes[at] as number;
  const around = [...sizes.slice(Math.max(0, at - AROUND), at), ...sizes.slice(at + 1, at + 1 + AROUND)];
  const usual = around.sort((one, other) => one - other)[around.length >> 1] ?? bytes;
  return bytes >= STANDS_OUT * usual || bytes >= SHARE_OF_KEY * key.bytes;
}
