import type { Probe } from '../domain/scan.ts';
import type { ScanMode, ScanPlan } from '../domain/scan-plan.ts';
import { lookAtPackets, type PacketLook } from './packet-look.ts';
import type { ProbeSettings } from './probe.ts';

/**
 * The plan for a local file: looks at its first packets, where what they say can matter.
 *
 * @throws {FramescribeError} CONTAINER_DAMAGED, DEADLINE_EXCEEDED, FFMPEG_MISSING or CANCELLED
 */
export async function planFor(
  path: string,
  probe: Probe,
  mode: ScanMode,
  settings: ProbeSettings,
  signal: AbortSignal,
): Promise<ScanPlan> {
  const against = againstCodec(probe, mode);
  if (against !== null) return all(mode, against);
  return planScan(probe, await lookAtPackets(path, probe, settings, signal), mode);
}

type PlanFacts = Pick<Probe, 'facts' | 'claimedDurationMs'>;

/**
 * Decides which frames a scan may leave out. A pure function of the file's bytes and the mode: every machine, and every
 * segment of the video, comes to the same. Where anything speaks against leaving frames out, they're decoded.
 */
export function planScan(probe: PlanFacts, look: PacketLook, mode: ScanMode): ScanPlan {
  const against = againstCodec(probe, mode) ?? againstPackets(look);
  if (against !== null) return all(mode, against);
  if (mode === 'preview') {
    const sparse = againstKeys(probe, look);
    if (sparse === null) {
      const because = `I-frames at most ${look.keyGapMs} ms apart`;
      return { mode, frames: 'keys', loopFilter: isSievable(probe), because };
    }
    if (isSievable(probe)) return all(mode, sparse);
    return { ...leanPlan(probe, look), mode, because: `${sparse}; as lean instead` };
  }
  return mode === 'lean' ? leanPlan(probe, look) : exactPlan(probe, look);
}

/** Whether another FFmpeg has to leave frames out before the decoder, which can't by itself. */
export function isSieved(probe: PlanFacts, { frames }: Pick<ScanPlan, 'frames'>): boolean {
  return frames === 'keys' && isSievable(probe);
}

/** FFmpeg's decoders of these leave frames out when told so, and tell the others' times right. */
const DROPPING = ['h264', 'hevc', 'mpeg2video', 'mpeg4'];
/** FFmpeg's decoders of these leave nothing out, but a packet that is marked as a key holds a whole picture … */
const SIEVABLE = ['vp9', 'av1'];
/** … where the container marks it. */
const MARKING = ['mov', 'matroska'];
/** No frame of these leans on a B-frame, so that any of them may be left out. */
const FLAT = ['mpeg2video', 'mpeg4'];
/** Of these, FFmpeg guesses timestamps from the frames before. The last are bare streams, which would be looked at to their end. */
const GUESSING = ['avi', 'mpeg', 'mxf', 'h264', 'hevc', 'mpegvideo', 'm4v'];
/** Slower video has too few frames to leave some out: 20 a second. */
const LONGEST_STEP_MS = 50;
/** B-frames in a row. */
export const LONGEST_RUN = 4;
/** Three B-frames in a row at 24 frames a second. With four, of HEVC, a twentieth of cuts was missed (docs/shots.md). */
const LONGEST_ANCHOR_GAP_MS = 170;
/** For a preview, and for pictures that aren't smoothed: they go on to drift until an I-frame. x264's own default is 250 frames. */
const LONGEST_KEY_GAP_MS = 12_000;
const LEAST_PREVIEW_MS = 30_000;

function isSievable({ facts }: PlanFacts): boolean {
  return SIEVABLE.includes(facts.codec) && MARKING.includes(facts.container) && !facts.alpha;
}

function againstCodec(probe: PlanFacts, mode: ScanMode): string | null {
  const { facts } = probe;
  if (mode === 'preview' && isSievable(probe)) return null;
  if (!DROPPING.includes(facts.codec)) return `no frames of ${facts.codec} can be left out`;
  if (GUESSING.includes(facts.container)) return `timestamps in ${facts.container} count frames`;
  if (facts.interlaced) return 'fields come in packets of their own';
  return null;
}

function againstPackets(look: PacketLook): string | null {
  if (!look.timed) return 'packets lack timestamps';
  return look.hidden ? 'some frames are decoded and not shown' : null;
}

function againstKeys(probe: PlanFacts, look: PacketLook): string | null {
  const { claimedDurationMs } = probe;
  if (isSievable(probe) && look.early) return 'timestamps before zero';
  if ((claimedDurationMs ?? 0) < LEAST_PREVIEW_MS) return `short of ${LEAST_PREVIEW_MS / 1000} s`;
  if (look.keys < 2) return 'a single I-frame in 20 s';
  return look.keyGapMs > LONGEST_KEY_GAP_MS ? `I-frames ${look.keyGapMs} ms apart` : null;
}

function exactPlan({ facts }: PlanFacts, look: PacketLook): ScanPlan {
  const plan = (because: string) => all('exact', because);
  if (look.stepMs > LONGEST_STEP_MS) return plan(`frames ${look.stepMs} ms apart`);
  if (FLAT.includes(facts.codec)) {
    if (look.longestRun === 0) return plan('no B-frames');
    if (look.longestRun > LONGEST_RUN) return plan(`${look.longestRun} B-frames in a row`);
    if (look.early) return plan('timestamps before zero');
    if (!MARKING.includes(facts.container)) return plan(`I-frames in ${facts.container} may go unmarked`);
    const because = `in ${facts.codec} no frame leans on a B-frame`;
    return { mode: 'exact', frames: 'changes', loopFilter: true, because };
  }
  if (look.longestRun > LONGEST_RUN) return plan(`${look.longestRun} B-frames in a row`);
  if (look.longestRun > 1 && look.reorder < 2) return plan(`${look.longestRun} B-frames in a row, none a reference`);
  // With the others the frames that stay are those between which a cut lies, or the next to it.
  const because = `at most ${look.longestRun} B-frames in a row`;
  return { mode: 'exact', frames: 'references', loopFilter: look.keyGapMs > LONGEST_KEY_GAP_MS, because };
}

function leanPlan(probe: PlanFacts, look: PacketLook): ScanPlan {
  const { codec, container } = probe.facts;
  const exact = exactPlan(probe, look);
  if (FLAT.includes(codec)) {
    if (look.anchorGapMs > LONGEST_ANCHOR_GAP_MS) return { ...exact, mode: 'lean' };
    const because = `${look.anchorGapMs} ms between frames that are no B-frames`;
    return { mode: 'lean', frames: 'anchors', loopFilter: false, because };
  }
  const isSparse = againstKeys(probe, look) === null && !look.early && MARKING.includes(container);
  if (codec !== 'h264' || exact.frames !== 'references' || !isSparse) return { ...exact, mode: 'lean' };
  const because = `I-frames at most ${look.keyGapMs} ms apart, ${exact.because}`;
  return { ...exact, mode: 'lean', frames: 'groups', because };
}

function all(mode: ScanMode, because: string): ScanPlan {
  return { mode, frames: 'all', loopFilter: true, because };
}
