import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Probe } from '../domain/scan.ts';
import { msToTicks, parseRational, ticksToMs } from '../domain/time.ts';
import { decodeArguments } from './arguments.ts';
import { DecodeLog } from './decode-log.ts';
import { exitError, startProgram } from './ffmpeg.ts';
import { filterGraph, type PictureSize } from './filter-graph.ts';
import { TINY_BYTES } from './frames.ts';
import { PictureClock } from './picture-clock.ts';
import { readTimedFrames, type TimedFrames } from './timed-frames.ts';
import { type Pace, Timeline } from './timeline.ts';
import { Watchdog } from './watchdog.ts';

export interface DecodeOptions {
  readonly path: string;
  readonly probe: Probe;
  readonly settings: Pick<Config, 'ffmpeg' | 'limits'>;
  readonly signal: AbortSignal;
  readonly size: PictureSize;
  /** Every frame in order, at 64×36; its ticks never go back. */
  readonly onFrame: (ticks: number, yuv: Uint8Array) => void;
  /** Every candidate in order, in RGB or RGBA; it may come before or after the tiny frame of the same time. */
  readonly onPicture: (ticks: number, pixels: Uint8Array) => void;
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
  readonly pace: Pace;
  /** Frames that were lost, or shown with visible damage. */
  readonly damagedFrames: number;
  readonly cpuSeconds: number | null;
}

/** Decodes a whole video in one FFmpeg process. */
export function startDecode(options: DecodeOptions): Decoding {
  const { path, probe, settings, size } = options;
  const log = new DecodeLog();
  const program = startProgram(settings.ffmpeg.path, argumentsOf(options), {
    signal: options.signal,
    deadlineMs: null,
    pipes: 4,
    onLine: log.take,
  });
  const watchdog = new Watchdog({ ...settings.limits, claimedDurationMs: probe.claimedDurationMs ?? 0 }, (error) =>
    program.stop(error),
  );
  const timeline = new Timeline(probe.timeBase, parseRational(probe.facts.frameRate));
  const clock = new PictureClock(options.onPicture);
  const maxTicks = msToTicks(settings.limits.maxDurationMs, probe.timeBase);

  const [tinyPixels, picturePixels, tinyTimes, pictureTimes] = program.pipes as readonly [
    Readable,
    Readable,
    Readable,
    Readable,
  ];
  const tiny = readTimedFrames(
    tinyPixels,
    tinyTimes,
    TINY_BYTES,
    (pts) => {
      const ticks = timeline.push(pts);
      if (ticks > maxTicks) program.stop(tooLong(path, settings.limits.maxDurationMs));
      clock.pass(pts, ticks);
      return ticks;
    },
    (ticks, yuv) => {
      watchdog.progress(ticksToMs(ticks, probe.timeBase));
      options.onFrame(ticks, yuv);
    },
  );
  const pictures = readTimedFrames(
    picturePixels,
    pictureTimes,
    size.width * size.height * size.bytesPerPixel,
    (pts) => pts,
    (pts, pixels) => clock.show(pts, pixels),
  );
  const streams: readonly TimedFrames[] = [tiny, pictures];
  for (const { ended } of streams) ended.catch((error) => program.stop(FramescribeError.from(error)));

  const end = async (): Promise<DecodeEnd> => {
    try {
      const exit = await program.gone;
      await Promise.all(streams.map(({ ended }) => ended));
      if (timeline.frames === 0) throw log.noFramesError(path, settings.limits.maxPixels, exit);
      if (exit.exitCode !== 0) throw exitError(`to decode ${path} to its end`, exit);
      return { pace: timeline.pace(), damagedFrames: log.damagedFrames, cpuSeconds: exit.cpuSeconds };
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

function argumentsOf({ path, probe, settings, size }: DecodeOptions): readonly string[] {
  const { deadlineMs, deadlinePerVideoSecondMs, maxDurationMs } = settings.limits;
  const longestSeconds = (deadlineMs + (deadlinePerVideoSecondMs * maxDurationMs) / 1000) / 1000;
  return decodeArguments({
    path,
    demuxer: probe.facts.container,
    settings,
    cpuLimitSeconds: Math.ceil(longestSeconds * availableParallelism()),
    filterGraph: filterGraph(probe, size, { tiny: 5, pictures: 6 }),
    outputs: ['tiny', 'pictures'],
  });
}

function tooLong(path: string, maxDurationMs: number): FramescribeError {
  return new FramescribeError('TOO_LONG', `Expected at most ${maxDurationMs / 1000} s, but the video goes on: ${path}`);
}
