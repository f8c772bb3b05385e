import { FramescribeError } from '../domain/errors.ts';
import { msToTicks } from '../domain/time.ts';
import type { DecodeStart } from './decode-command.ts';
import { sparseStep } from './pace.ts';
import { type Candidate, type PassReader, type PassTeller, runPass, type ScanSettings } from './pass.ts';
import type { Finding, Piece } from './pieces.ts';
import type { ScanOptions } from './scan.ts';
import { SeamReader } from './seam.ts';
import type { Segment, SegmentEvent, SegmentPlan } from './segment.ts';
import { SegmentClock } from './segment-clock.ts';
import { ShotScan } from './shot-scan.ts';
import type { Boundary } from './shots.ts';

/** Frames so long before a segment are decoded for it: decisions look back, and the seam is in it. */
const CONTEXT_SECONDS = 8;

/**
 * Scans one segment of a planned video: decodes it with some of its surroundings, and tells what belongs to it of
 * what a scan of the whole finds. Whether it's the same is seen when the segments are joined.
 *
 * @throws {FramescribeError} SEGMENT_UNFIT: the video has damage, or timestamps, that need a scan of the whole; and
 *   what a scan of the whole throws
 */
export async function* scanSegment(
  path: string,
  plan: Pick<SegmentPlan, 'probe' | 'firstPts' | 'scan'>,
  segment: Segment,
  settings: ScanSettings,
  options: Omit<ScanOptions, 'plan'>,
): AsyncGenerator<SegmentEvent> {
  const { probe, firstPts } = plan;
  const startTicks = msToTicks(segment.startMs, probe.timeBase);
  const endTicks = segment.endMs === null ? Number.POSITIVE_INFINITY : msToTicks(segment.endMs, probe.timeBase);
  const clock = new SegmentClock(firstPts, startTicks, endTicks);
  const counter = plan.scan.frames === 'all' ? clock : new SegmentClock(firstPts, startTicks, endTicks);
  const start = startOf(plan, segment);
  const context = {
    ...options,
    plan: plan.scan,
    path,
    probe,
    settings,
    clock,
    counter,
    prefix: '',
    ...(start && { start }),
  };
  yield* runPass<SegmentEvent>(context, (teller) =>
    readSegment({ segment, startTicks, endTicks, counter, plan, windowMs: settings.keyframes.windowMs }, teller),
  );
}

/** Where FFmpeg has to start for a segment; null at the start of the video. */
export function startOf({ probe, firstPts }: Pick<SegmentPlan, 'probe' | 'firstPts'>, { startMs }: Segment) {
  if (startMs === 0) return null;
  const { timeBase } = probe;
  const fromPts = firstPts + Math.max(0, msToTicks(startMs - CONTEXT_SECONDS * 1000, timeBase));
  return { firstPts, fromPts, seekSeconds: (fromPts * timeBase.num) / timeBase.den } satisfies DecodeStart;
}

interface SegmentContext {
  readonly segment: Segment;
  readonly startTicks: number;
  readonly endTicks: number;
  readonly counter: SegmentClock;
  readonly plan: Pick<SegmentPlan, 'probe' | 'firstPts' | 'scan'>;
  readonly windowMs: number;
}

const PROGRESS_EVERY_FRAMES = 50;

function readSegment(context: SegmentContext, teller: PassTeller<SegmentEvent>): PassReader<SegmentEvent> {
  const { segment, startTicks, endTicks, counter, windowMs } = context;
  const { probe, scan } = context.plan;
  const { timeBase } = probe;
  const ticksPerSecond = timeBase.den / timeBase.num;
  const isFirst = segment.startMs === 0;
  const sparseStepTicks = sparseStep(probe, scan);
  const shots = new ShotScan<Candidate>(timeBase, windowMs, { startsInside: !isFirst, sparseStepTicks });
  const head = isFirst ? null : new SeamReader(startTicks, ticksPerSecond);
  const tail = segment.endMs === null ? null : new SeamReader(endTicks, ticksPerSecond);
  const seams = [head, tail].filter((seam) => seam !== null);
  const boundaries: Boundary[] = [];
  let frames = 0;
  let lastTicks = -1;
  let isBlank = false;
  let isDone = false;
  /** Known at the first event, which tells of the first frame: until then, damage is that of frames before it. */
  let earlierDamage: number | null = isFirst ? 0 : null;

  const write = async ({ candidate, window, score }: Piece<Candidate>): Promise<SegmentEvent> => {
    return { kind: 'picture', picture: { ...(await teller.write(candidate)), window, score } };
  };
  const take = (findings: readonly Finding<Candidate>[]) => {
    for (const finding of findings) {
      if (finding.kind === 'boundary') {
        for (const seam of seams) seam.boundary(finding.boundary);
        if (isInside(finding.boundary.shotTicks)) boundaries.push(finding.boundary);
      } else if (isInside(finding.piece.candidate.ticks)) teller.tell(write(finding.piece));
    }
    if (shots.doneTicks >= endTicks && tail !== null && lastTicks >= tail.endTicks) end(null);
  };
  const isInside = (ticks: number) => ticks >= startTicks && ticks < endTicks;
  const end = (decodeCpuSeconds: number | null) => {
    if (isDone) return;
    isDone = true;
    const pace = counter.facts();
    if (isFirst && isBlank) throw unfit('a picture in the first segment', 'black or white alone');
    const seen = { head: head?.seam() ?? null, tail: tail?.seam() ?? null };
    teller.tell({ kind: 'end', findings: { boundaries, pace, ...seen, decodeCpuSeconds } });
    teller.finish();
  };
  return {
    onFrame: (ticks, yuv) => {
      if (isDone) return;
      if (++frames === 1 && !isFirst) checkFirst(ticks, context);
      lastTicks = ticks;
      for (const seam of seams) seam.frame(ticks, yuv);
      take(shots.pushFrame(ticks, yuv));
      if (ticks < endTicks) isBlank = shots.isBlankSoFar;
      if (frames === 1 || (frames % PROGRESS_EVERY_FRAMES === 0 && teller.isIdle)) {
        teller.tell({ kind: 'progress', ticks: Math.max(0, Math.min(ticks, endTicks) - startTicks) });
      }
    },
    onCandidate: (candidate) => {
      if (isDone) return;
      for (const seam of seams) seam.picture(candidate.ticks, candidate.jpeg);
      take(shots.pushCandidate(candidate));
    },
    onEnd: ({ cpuSeconds }) => {
      if (isDone) return;
      take(shots.finish(lastTicks + 1));
      end(cpuSeconds);
    },
    mustStop: (damagedFrames) => {
      earlierDamage ??= damagedFrames;
      if (damagedFrames > earlierDamage) throw unfit('undamaged frames', `${damagedFrames - earlierDamage} others`);
      return false;
    },
    fileOf: (event) => (event.kind === 'picture' ? event.picture.file : null),
  };
}

/** The I-frame that FFmpeg found must not come after the frames that are needed. */
function checkFirst(ticks: number, { startTicks, plan }: SegmentContext): void {
  const { num, den } = plan.probe.timeBase;
  const latest = Math.max(0, startTicks - ((CONTEXT_SECONDS - LATEST_SECONDS) * den) / num);
  if (ticks > latest) throw unfit(`a frame before tick ${latest}`, `tick ${ticks} first`);
}

/** In video with few frames the first one may come so late. */
const LATEST_SECONDS = 1;

function unfit(expected: string, got: string): FramescribeError {
  return new FramescribeError('SEGMENT_UNFIT', `Expected ${expected}, got ${got}`);
}
