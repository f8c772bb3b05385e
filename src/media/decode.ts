import type { Readable } from 'node:stream';
import { FramescribeError } from '../domain/errors.ts';
import { msToTicks, ticksToMs } from '../domain/time.ts';
import { startChain } from './chain.ts';
import { type DecodeCommand, decodeCommand, PIPES, SIEVE_PIPES } from './decode-command.ts';
import { DecodeLog } from './decode-log.ts';
import { exitError, startProgram } from './ffmpeg.ts';
import { TINY_BYTES } from './frames.ts';
import { jpegSplitter } from './motion-jpeg.ts';
import { PacketOrder } from './packet-order.ts';
import { LOOK_BYTES } from './picture.ts';
import { PictureClock } from './picture-clock.ts';
import { type Parts, type Pts, rawSplitter, readLines, readTimedFrames, type TimedFrames } from './timed-frames.ts';
import type { FrameClock } from './timeline.ts';
import { Watchdog } from './watchdog.ts';

/** A candidate for a keyframe: as it would be stored, and its look for measuring. */
export interface CandidatePicture {
  readonly jpeg: Parts;
  readonly look: Uint8Array;
}

export interface DecodeOptions extends DecodeCommand {
  readonly signal: AbortSignal;
  readonly clock: FrameClock;
  /** Where the plan leaves frames out: is told the timestamps of all that would be shown, in order. */
  readonly counter: FrameClock;
  /** Every decoded frame in order, at 64×36; its ticks never go back. */
  readonly onFrame: (ticks: number, yuv: Uint8Array) => void;
  /** Every candidate in order; it may come before or after the tiny frame of the same time. */
  readonly onPicture: (ticks: number, picture: CandidatePicture) => void;
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

/** Decodes a video once, from its start or from another point to its end. */
export function startDecode(options: DecodeOptions): Decoding {
  const { path, probe, plan, settings } = options;
  const log = new DecodeLog();
  const { sieve, decoder } = decodeCommand(options);
  const running = { signal: options.signal, deadlineMs: null, onLine: log.take };
  const program =
    sieve === null
      ? startProgram(settings.ffmpeg.path, decoder, { ...running, pipes: PIPES.length })
      : startChain(
          settings.ffmpeg.path,
          { args: sieve, pipes: SIEVE_PIPES },
          { args: decoder, pipes: PIPES.length },
          running,
        );
  const watchdog = new Watchdog({ ...settings.limits, claimedDurationMs: probe.claimedDurationMs ?? 0 }, (error) =>
    program.stop(error),
  );
  let frames = 0;
  const clock = new PictureClock(options.onPicture);
  const packets = new PacketOrder(probe.timeBase, (pts) => void options.counter.push(pts));
  let awaitsPackets = !options.countsAtEnd && plan.frames !== 'all';
  const maxTicks = msToTicks(settings.limits.maxDurationMs, probe.timeBase);

  /** A frame waits for its packet, where whoever gets it relies on what was counted before. */
  const waiting: { readonly pts: Pts; readonly ticks: number; readonly yuv: Uint8Array }[] = [];
  const handOn = () => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (awaitsPackets && next.pts !== null && !packets.hasCome(next.pts)) return;
      waiting.shift();
      options.onFrame(next.ticks, next.yuv);
    }
  };
  const pipe = (name: (typeof PIPES)[number]) => program.pipes[PIPES.indexOf(name)] as Readable;
  const packetPipe = sieve === null ? pipe('packets') : (program.pipes[PIPES.length] as Readable);
  const tiny = readTimedFrames(
    [{ pipe: pipe('tiny'), split: rawSplitter(TINY_BYTES) }],
    pipe('tiny times'),
    (pts) => {
      frames++;
      if (pts !== null) packets.begin(pts);
      const ticks = options.clock.push(pts);
      if (ticks > maxTicks) program.stop(tooLong(path, settings.limits.maxDurationMs));
      clock.pass(pts, ticks);
      return { pts, ticks };
    },
    ({ pts, ticks }, [frame]) => {
      watchdog.progress(ticksToMs(ticks, probe.timeBase));
      waiting.push({ pts, ticks, yuv: frame?.[0] as Uint8Array });
      handOn();
    },
  );
  const pictures = readTimedFrames(
    [
      { pipe: pipe('pictures'), split: jpegSplitter() },
      { pipe: pipe('looks'), split: rawSplitter(LOOK_BYTES) },
    ],
    pipe('picture times'),
    (pts) => pts,
    (pts, [jpeg, look]) => clock.show(pts, { jpeg: jpeg as Parts, look: look?.[0] as Uint8Array }),
  );
  const streams: readonly TimedFrames[] = [tiny, pictures];
  const counted = readLines(packetPipe, (line) => packets.take(line), handOn).then(() => {
    packets.flush();
    awaitsPackets = false;
    handOn();
  });
  for (const ended of [counted, ...streams.map((stream) => stream.ended)])
    ended.catch((error) => program.stop(FramescribeError.from(error)));

  const end = async (): Promise<DecodeEnd> => {
    try {
      const exit = await program.gone;
      await Promise.all([counted, ...streams.map(({ ended }) => ended)]);
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

function tooLong(path: string, maxDurationMs: number): FramescribeError {
  return new FramescribeError('TOO_LONG', `Expected at most ${maxDurationMs / 1000} s, but the video goes on: ${path}`);
}
