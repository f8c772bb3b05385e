import { rm } from 'node:fs/promises';
import type { Probe, ScanEvent } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { parseRational } from '../domain/time.ts';
import type { FrameStats } from './frame-stats.ts';
import { type ChosenKeyframe, createKeyframeChooser, type Selection } from './keyframes.ts';
import { type Pace, sparseStep } from './pace.ts';
import { type Candidate, type PassReader, type PassTeller, runPass, type ScanSettings } from './pass.ts';
import type { Finding } from './pieces.ts';
import { ShotScan } from './shot-scan.ts';
import { StatsFile } from './stats-file.ts';
import { Timeline } from './timeline.ts';
import { videoEnd } from './video-end.ts';

export interface ScanOptions {
  readonly signal: AbortSignal;
  /** Which frames are decoded. */
  readonly plan: ScanPlan;
  /** An existing folder for the keyframes' JPEGs. Nothing is written elsewhere … */
  readonly folder: string;
  /** … but a CSV of what the shot detector saw at each frame, where it's asked for: the path of that file. */
  readonly statsFile?: string | undefined;
}

/**
 * Decodes a probed video once, from start to end, and tells its shots and keyframes as they become certain. Memory is
 * bounded whatever the length: where the reader is slow, FFmpeg waits. FFmpeg is gone when this returns or throws.
 *
 * Damaged frames look different for each number of decoder threads. A video that has some is decoded again by a single
 * one, and the reader is told what comes after the damage by that second pass alone: the same for any setting.
 *
 * @throws {FramescribeError} NO_FRAMES, CODEC_UNSUPPORTED, ENCRYPTED, TOO_MANY_PIXELS, TOO_LONG, DEADLINE_EXCEEDED,
 *   CANCELLED, DISK_FULL, OUTPUT_NOT_WRITABLE, FFMPEG_MISSING or FFMPEG_FAILED
 */
export async function* scan(
  path: string,
  probe: Probe,
  settings: ScanSettings,
  options: ScanOptions,
): AsyncGenerator<ScanEvent> {
  let told = 0;
  if (settings.ffmpeg.threads !== 1) {
    let isWhole = false;
    for await (const event of scanPass(path, probe, settings, options, 'stop at damage')) {
      if (event.kind !== 'progress') told++;
      isWhole = event.kind === 'end';
      yield event;
    }
    if (isWhole) return;
  }
  const one = { ...settings, ffmpeg: { ...settings.ffmpeg, threads: 1 } };
  for await (const event of scanPass(path, probe, one, options, 'go on')) {
    if (event.kind === 'progress' || told-- <= 0) yield event;
    else if (event.kind === 'keyframe') await rm(event.keyframe.file); // The first pass wrote the same.
  }
}

async function* scanPass(
  path: string,
  probe: Probe,
  settings: ScanSettings,
  options: ScanOptions,
  onDamage: 'stop at damage' | 'go on',
): AsyncGenerator<ScanEvent> {
  using stats = options.statsFile === undefined ? null : new StatsFile(options.statsFile, probe.timeBase);
  const newClock = () => new Timeline(probe.timeBase, parseRational(probe.facts.frameRate));
  const clock = newClock();
  const counter = options.plan.frames === 'all' ? clock : newClock();
  const prefix = onDamage === 'go on' ? '' : 'first-';
  yield* runPass<ScanEvent>(
    { ...options, path, probe, settings, clock, counter, prefix, countsAtEnd: true },
    (teller) => ({
      ...readWhole(probe, options.plan, settings, () => wholePace(clock.pace(), counter.pace()), teller, stats?.take),
      mustStop: (damagedFrames) => onDamage === 'stop at damage' && damagedFrames > 0,
      fileOf: (event) => (event.kind === 'keyframe' ? event.keyframe.file : null),
    }),
  );
}

/** Packets that the container counts otherwise than the decoder does are no measure. */
function wholePace(decoded: Pace, counted: Pace): Pace {
  return counted.frames >= decoded.frames ? counted : decoded;
}

const PROGRESS_EVERY_FRAMES = 50;

function readWhole(
  probe: Probe,
  plan: ScanPlan,
  settings: ScanSettings,
  paceAtEnd: () => Pace,
  teller: PassTeller<ScanEvent>,
  onStats?: (stats: FrameStats) => void,
): Pick<PassReader<ScanEvent>, 'onFrame' | 'onCandidate' | 'onEnd'> {
  const { windowMs } = settings.keyframes;
  const shots = new ShotScan<Candidate>(probe.timeBase, windowMs, {
    sparseStepTicks: sparseStep(probe, plan),
    onStats,
  });
  const chooser = createKeyframeChooser<Candidate>(probe.timeBase, windowMs);
  const write = async ({ candidate, shot, sameAs }: ChosenKeyframe<Candidate>): Promise<ScanEvent> => {
    const keyframe = { ...(await teller.write(candidate)), shot, sameAs };
    return { kind: 'keyframe', keyframe };
  };
  const tell = (selection: Selection<Candidate>) => {
    for (const chosen of selection.chosen) teller.tell(write(chosen));
    for (const shot of selection.shots) teller.tell({ kind: 'shot', shot });
  };
  const take = (findings: readonly Finding<Candidate>[]) => tell(chooser.take(findings, shots.doneTicks));
  let frames = 0;
  return {
    onFrame: (ticks, yuv) => {
      frames++;
      take(shots.pushFrame(ticks, yuv));
      if (frames % PROGRESS_EVERY_FRAMES === 0 && teller.isIdle) teller.tell({ kind: 'progress', ticks, frames });
    },
    onCandidate: (candidate) => take(shots.pushCandidate(candidate)),
    onEnd: ({ damagedFrames, cpuSeconds }) => {
      const pace = paceAtEnd();
      tell(chooser.take(shots.finish(pace.endTicks), pace.endTicks));
      tell(chooser.finish(pace.endTicks));
      const end = videoEnd(probe, pace, damagedFrames);
      teller.tell({ kind: 'end', frames, ...end, decodeCpuSeconds: cpuSeconds });
    },
  };
}
