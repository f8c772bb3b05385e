import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Probe } from '../domain/scan.ts';
import { msToTicks, ticksToMs } from '../domain/time.ts';
import { decodeArguments } from './arguments.ts';
import { DecodeLog } from './decode-log.ts';
import { exitError, startProgram } from './ffmpeg.ts';
import { filterGraph, type GraphStart, type PictureSize } from './filter-graph.ts';
import { TINY_BYTES } from './frames.ts';
import { jpegSplitter } from './motion-jpeg.ts';
import { LOOK_BYTES } from './picture.ts';
import { PictureClock } from './picture-clock.ts';
import { rawSplitter, readTimedFrames, type TimedFrames } from './timed-frames.ts';
import type { FrameClock } from './timeline.ts';
import { Watchdog } from './watchdog.ts';

/** A candidate for a keyframe: as it would be stored, and its look for measuring. */
export interface CandidatePicture {
  readonly jpeg: Uint8Array;
  readonly look: Uint8Array;
}

export interface DecodeOptions {
  readonly path: string;
  readonly probe: Probe;
  readonly settings: Pick<Config, 'ffmpeg' | 'limits' | 'keyframes'>;
  readonly signal: AbortSignal;
  readonly size: PictureSize;
  readonly clock: FrameClock;
  /** Where to start in the middle of the video; what comes then may be nothing. */
  readonly start?: DecodeStart;
  /** Every frame in order, at 64×36; its ticks never go back. */
  readonly onFrame: (ticks: number, yuv: Uint8Array) => void;
  /** Every candidate in order; it may come before or after the tiny frame of the same time. */
  readonly onPicture: (ticks: number, picture: CandidatePicture) => void;
}

export interface DecodeStart extends GraphStart {
  /** FFmpeg seeks to the I-frame at or before this timestamp. */
  readonly seekSeconds: number;
}

export interface Decoding {
  /** Settles when FFmpeg is gone and every frame was handed on. */
  readonly ended: Promise<DecodeEnd>;
  /** So far: frames that were lost, or shown with visible damage. */
  readonly damagedFrames: number;
  /** Makes FFmpeg wait, or go on. */
  wait(waiting: boolean): void;
  /** Ends FFmpeg if it still runs, and waits until it's gone. */
  close(): Promise<void>;
}

export interface DecodeEnd {
  /** Frames that were lost, or shown with visible damage. */
  readonly damagedFrames: number;
  readonly cpuSeconds: number | null;
}

/** Decodes a video in one FFmpeg process, from its start or from another point to its end. */
export function startDecode(options: DecodeOptions): Decoding {
  const { path, probe, settings } = options;
  const log = new DecodeLog();
  const program = startProgram(settings.ffmpeg.path, argumentsOf(options), {
    signal: options.signal,
    deadlineMs: null,
    pipes: PIPES.length,
    onLine: log.take,
  });
  const watchdog = new Watchdog({ ...settings.limits, claimedDurationMs: probe.claimedDurationMs ?? 0 }, (error) =>
    program.stop(error),
  );
  let frames = 0;
  const clock = new PictureClock(options.onPicture);
  const maxTicks = msToTicks(settings.limits.maxDurationMs, probe.timeBase);

  const pipe = (name: (typeof PIPES)[number]) => program.pipes[PIPES.indexOf(name)] as Readable;
  const tiny = readTimedFrames(
    [{ pipe: pipe('tiny'), split: rawSplitter(TINY_BYTES) }],
    pipe('tiny times'),
    (pts) => {
      frames++;
      const ticks = options.clock.push(pts);
      if (ticks > maxTicks) program.stop(tooLong(path, settings.limits.maxDurationMs));
      clock.pass(pts, ticks);
      return ticks;
    },
    (ticks, [yuv]) => {
      watchdog.progress(ticksToMs(ticks, probe.timeBase));
      options.onFrame(ticks, yuv as Uint8Array);
    },
  );
  const pictures = readTimedFrames(
    [
      { pipe: pipe('pictures'), split: jpegSplitter() },
      { pipe: pipe('looks'), split: rawSplitter(LOOK_BYTES) },
    ],
    pipe('picture times'),
    (pts) => pts,
    (pts, [jpeg, look]) => clock.show(pts, { jpeg: jpeg as Uint8Array, look: look as Uint8Array }),
  );
  const streams: readonly TimedFrames[] = [tiny, pictures];
  for (const { ended } of streams) ended.catch((error) => program.stop(FramescribeError.from(error)));

  const end = async (): Promise<DecodeEnd> => {
    try {
      const exit = await program.gone;
      await Promise.all(streams.map(({ ended }) => ended));
      if (frames === 0 && !options.start) throw log.noFramesError(path, settings.limits.maxPixels, exit);
      if (exit.exitCode !== 0) throw exitError(`to decode ${path} to its end`, exit);
      return { damagedFrames: log.damagedFrames, cpuSeconds: exit.cpuSeconds };
    } finally {
      watchdog.close();
    }
  };
  const ended = end();
  ended.catch(() => {}); // The reader takes the events first.
  return {
    ended,
    get damagedFrames() {
      return log.damagedFrames;
    },
    wait: (waiting) => {
      watchdog.wait(waiting);
      for (const stream of streams) waiting ? stream.pause() : stream.resume();
    },
    close: async () => {
      program.stop(new FramescribeError('CANCELLED', 'The scan was left before its end.'));
      await Promise.allSettled([program.gone, ended]);
    },
  };
}

function argumentsOf({ path, probe, settings, size, start }: DecodeOptions): readonly string[] {
  const { deadlineMs, deadlinePerVideoSecondMs, maxDurationMs } = settings.limits;
  const longestSeconds = (deadlineMs + (deadlinePerVideoSecondMs * maxDurationMs) / 1000) / 1000;
  return decodeArguments({
    path,
    demuxer: probe.facts.container,
    settings,
    cpuLimitSeconds: Math.ceil(longestSeconds * availableParallelism()),
    seekSeconds: start?.seekSeconds ?? null,
    filterGraph: filterGraph(
      probe,
      size,
      { tiny: fileDescriptor('tiny times'), pictures: fileDescriptor('picture times') },
      start,
    ),
    outputs: [
      { map: '[tiny]', options: RAW },
      { map: '[pictures]', options: jpegOptions(settings.keyframes.jpegQuality) },
      { map: '[looks]', options: RAW },
    ],
  });
}

const PIPES = ['tiny', 'pictures', 'looks', 'tiny times', 'picture times'] as const;

function fileDescriptor(name: (typeof PIPES)[number]): number {
  return PIPES.indexOf(name) + 3;
}

const RAW = ['-c:v', 'rawvideo', '-f', 'rawvideo'];

/** One thread, as the bytes differ with their number. Not quite standard is how the range of the colours is told. */
function jpegOptions(quality: number): readonly string[] {
  const encoder = ['-c:v', 'mjpeg', '-threads', '1', '-flags', '+bitexact', '-strict', 'unofficial'];
  return [...encoder, '-qmin', '1', '-q:v', String(quantiserScale(quality)), '-f', 'mpjpeg', '-flush_packets', '1'];
}

/** FFmpeg's scale of quantisers, 1 to 31, that loses about as much as libjpeg does at a quality of 1 to 100. */
function quantiserScale(quality: number): number {
  const scale = quality < 50 ? 500 / quality : (100 - quality) / 5;
  return Math.min(31, Math.max(1, Math.round(scale)));
}

function tooLong(path: string, maxDurationMs: number): FramescribeError {
  return new FramescribeError('TOO_LONG', `Expected at most ${maxDurationMs / 1000} s, but the video goes on: ${path}`);
}
