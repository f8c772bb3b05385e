import { FramescribeError } from '../domain/errors.ts';
import type { Probe } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { fileArgument, guards } from './arguments.ts';
import { exitError, startProgram } from './ffmpeg.ts';
import type { ProbeSettings } from './probe.ts';
import { type Packet, type PacketRange, quietTails } from './quiet-tails.ts';
import { isSieved, LONGEST_RUN } from './scan-plan.ts';
import { readLines } from './timed-frames.ts';

/** As many as an argument of a command has room for. */
const MOST_RANGES = 2_000;
/** Eleven hours at 25 frames a second. */
const MOST_PACKETS = 1_000_000;

/**
 * Which packets never get to the decoder, as an expression of FFmpeg's `noise` bitstream filter that isn't 0 for them;
 * null where the decoder itself leaves out what the plan leaves out.
 *
 * @param mostPackets of a video with more nothing is left out
 * @throws {FramescribeError} FFMPEG_FAILED, FFMPEG_MISSING, DEADLINE_EXCEEDED or CANCELLED
 */
export async function packetDrop(
  path: string,
  probe: Probe,
  plan: ScanPlan,
  settings: ProbeSettings,
  signal: AbortSignal,
  mostPackets = MOST_PACKETS,
): Promise<string | null> {
  if (isSieved(probe, plan)) return 'not(key)';
  if (plan.frames === 'changes') return calmBFrames();
  if (plan.frames !== 'groups') return null;
  const packets = await listPackets(path, probe, settings, signal, mostPackets);
  return `not(key)*(${anyOf(quietTails(packets, probe.timeBase, MOST_RANGES))})`;
}

/** A P-frame that may show something new takes this many times the usual bytes, or this share of the I-frame's. */
const STANDS_OUT = 1.75;
const SHARE_OF_KEY = 0.5;
/** An I-frame that comes by the clock and is within this share as large as the one before shows nothing new. */
const KEY_SLACK = 0.06;
/** In the usual size of P-frames, of the newest one. */
const NEWEST_WEIGHT = 1 / 4;

/**
 * The B-frames whose next frame brings nothing new. It comes before them in the file, so one look at each packet is enough: a
 * frame other than a B-frame tells of something new where it's as large as a frame after a cut would be, which finds nothing in
 * those before it that it could be predicted from; an I-frame, which is always large, where it comes out of turn or isn't as
 * large as the one before.
 */
function calmBFrames(): string {
  const [isNew, keyBytes, usualBytes, newestPts, run] = ['ld(0)', 'ld(1)', 'ld(2)', 'ld(3)', 'ld(4)'];
  const [keyPlace, keyGap] = ['ld(5)', 'ld(6)'];
  // A longer run is time that jumped back.
  const isB = `not(key)*lt(pts,${newestPts})*lt(${run},${LONGEST_RUN})`;
  const isUsualKey = `eq(n-${keyPlace},${keyGap})*lte(abs(size-${keyBytes}),${KEY_SLACK}*${keyBytes})`;
  const takeKey = `st(0,not(${isUsualKey}));st(1,size);st(6,n-${keyPlace});st(5,n)`;
  const isLarge = `gte(size,${SHARE_OF_KEY}*${keyBytes})+gte(size,${STANDS_OUT}*${usualBytes})`;
  const takeOther = `st(0,${isLarge});st(2,${usualBytes}+(size-${usualBytes})*if(${usualBytes},${NEWEST_WEIGHT},1))`;
  return `if(${isB},st(4,${run}+1);not(${isNew}),if(key,${takeKey},${takeOther});st(3,pts);st(4,0);0)`;
}

/** A search tree, as there may be many ranges and each packet is asked for. By its number: time bases change on the way. */
function anyOf(ranges: readonly PacketRange[]): string {
  const [only, second] = ranges;
  if (only === undefined) return '0';
  if (second === undefined) return `between(n,${only.first},${only.last})`;
  const half = ranges.length >> 1;
  const right = ranges.slice(half);
  return `if(lt(n,${right[0]?.first}),${anyOf(ranges.slice(0, half))},${anyOf(right)})`;
}

/** All packets of the video, by the container: nothing is decoded. None where there are more than `most`. */
async function listPackets(
  path: string,
  { streamIndex, claimedDurationMs }: Probe,
  settings: ProbeSettings,
  signal: AbortSignal,
  most: number,
): Promise<readonly Packet[]> {
  const { deadlineMs, deadlinePerVideoSecondMs } = settings.limits;
  const program = startProgram(
    settings.ffmpeg.ffprobePath,
    [
      ...guards(settings),
      ...['-select_streams', String(streamIndex), '-print_format', 'compact=p=0:nk=1'],
      ...['-show_entries', 'packet=pts,size,flags', '-o', 'pipe:3', fileArgument(path)],
    ],
    { signal, deadlineMs: deadlineMs + (deadlinePerVideoSecondMs * (claimedDurationMs ?? 0)) / 1000, pipes: 1 },
  );
  const packets: Packet[] = [];
  let isTooMany = false;
  const [pipe] = program.pipes;
  const read = readLines(pipe as NonNullable<typeof pipe>, (line) => {
    const [pts, bytes, flags = ''] = line.split('|');
    isTooMany ||= packets.length === most;
    if (!isTooMany) packets.push({ pts: Number(pts), bytes: Number(bytes), isKey: flags.startsWith('K') });
  });
  read.catch((error) => program.stop(FramescribeError.from(error)));
  const exit = await program.gone;
  await read;
  if (exit.exitCode !== 0) throw exitError(`to list the packets of ${path}`, exit);
  return isTooMany ? [] : packets;
}
