import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Config } from '../domain/config.ts';
import type { VideoFacts, Warning } from '../domain/result.ts';
import type { Probe, ScanEvent } from '../domain/scan.ts';
import { formatRational, ticksToMs } from '../domain/time.ts';
import { type DecodeEnd, type Decoding, startDecode } from './decode.ts';
import { EventQueue } from './event-queue.ts';
import { pictureSize } from './filter-graph.ts';
import { KeyframeFiles } from './keyframe-file.ts';
import { type ChosenKeyframe, createKeyframeChooser, type Selection } from './keyframes.ts';
import { measureLook } from './picture.ts';
import type { Finding, KeyframeCandidate } from './pieces.ts';
import { ShotScan } from './shot-scan.ts';

export type ScanSettings = Pick<Config, 'ffmpeg' | 'limits' | 'keyframes'>;

export interface ScanOptions {
  readonly signal: AbortSignal;
  /** An existing folder for the keyframes' JPEGs. Nothing is written elsewhere. */
  readonly folder: string;
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
  { signal, folder }: ScanOptions,
  onDamage: 'stop at damage' | 'go on',
): AsyncGenerator<ScanEvent> {
  const size = pictureSize(probe, settings.keyframes.maxWidth);
  const { windowMs } = settings.keyframes;
  const shots = new ShotScan<Candidate>(probe.timeBase, windowMs);
  const chooser = createKeyframeChooser<Candidate>(probe.timeBase, windowMs);
  const wait = (waiting: boolean) => decoding.wait(waiting);
  const events = new EventQueue<ScanEvent>(
    EVENTS_WAITING,
    () => wait(true),
    () => wait(false),
  );
  const files = new KeyframeFiles(folder, onDamage === 'go on' ? '' : 'first-');
  const write = async ({ candidate, shot, sameAs }: ChosenKeyframe<Candidate>): Promise<ScanEvent> => {
    const { jpeg, ...measured } = candidate;
    const written = await files.write(jpeg);
    return { kind: 'keyframe', keyframe: { ...measured, ...written, ...size, shot, sameAs } };
  };
  const tell = (selection: Selection<Candidate>) => {
    for (const chosen of selection.chosen) events.push(write(chosen));
    for (const shot of selection.shots) events.push({ kind: 'shot', shot });
  };

  const take = (findings: readonly Finding<Candidate>[]) => tell(chooser.take(findings, shots.doneTicks));

  let frames = 0;
  const decoding: Decoding = startDecode({
    ...{ path, probe, settings, signal, size },
    onFrame: (ticks, yuv) => {
      frames++;
      take(shots.pushFrame(ticks, yuv));
      if (frames % PROGRESS_EVERY_FRAMES === 0 && events.isEmpty) events.push({ kind: 'progress', ticks, frames });
    },
    onPicture: (ticks, { jpeg, look }) => take(shots.pushCandidate({ ticks, jpeg, ...measureLook(look) })),
  });
  const finished = decoding.ended.then((end) => {
    const { endTicks } = end.pace;
    tell(chooser.take(shots.finish(endTicks), endTicks));
    tell(chooser.finish(endTicks));
    return end;
  });
  // A failure is thrown below, after the events that came before it.
  finished.catch(() => {}).finally(() => events.close());
  const mustStop = () => onDamage === 'stop at damage' && decoding.damagedFrames > 0;
  try {
    for await (const event of events) {
      await logsWereRead();
      if (mustStop()) return;
      if (event.kind === 'keyframe') files.told(event.keyframe.file);
      yield event;
    }
    const end = await finished;
    if (!mustStop()) yield endEvent(probe, end);
  } finally {
    await decoding.close();
    await events.settled();
    await files.removeUntold();
  }
}

const EVENTS_WAITING = 16;
const PROGRESS_EVERY_FRAMES = 50;

interface Candidate extends KeyframeCandidate {
  readonly jpeg: Uint8Array;
}

/**
 * FFmpeg tells of damage before it writes the damaged frame. What came of a frame must wait until what was written
 * before it, on whichever pipe, was read: a whole turn of the event loop.
 */
async function logsWereRead(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

function endEvent(probe: Probe, { pace, damagedFrames, cpuSeconds }: DecodeEnd): ScanEvent {
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
  return { kind: 'end', frames: pace.frames, facts, warnings, decodeCpuSeconds: cpuSeconds };
}
