import { join } from 'node:path';
import type { Config } from '../domain/config.ts';
import type { VideoFacts, Warning } from '../domain/result.ts';
import type { Probe, ScanEvent, ScannedKeyframe } from '../domain/scan.ts';
import { formatRational, ticksToMs } from '../domain/time.ts';
import { type DecodeEnd, type Decoding, startDecode } from './decode.ts';
import { EventQueue } from './event-queue.ts';
import { type PictureSize, pictureSize } from './filter-graph.ts';
import { overWhite, writeKeyframe } from './keyframe-file.ts';
import type { ChosenKeyframe, KeyframeCandidate, Selection } from './keyframes.ts';
import { measurePicture } from './picture.ts';
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
 * @throws {FramescribeError} NO_FRAMES, CODEC_UNSUPPORTED, ENCRYPTED, TOO_MANY_PIXELS, TOO_LONG, DEADLINE_EXCEEDED,
 *   CANCELLED, DISK_FULL, OUTPUT_NOT_WRITABLE, FFMPEG_MISSING or FFMPEG_FAILED
 */
export async function* scan(
  path: string,
  probe: Probe,
  settings: ScanSettings,
  { signal, folder }: ScanOptions,
): AsyncGenerator<ScanEvent> {
  const size = pictureSize(probe, settings.keyframes.maxWidth);
  const shots = new ShotScan<Candidate>(probe.timeBase, settings.keyframes.windowMs);
  const wait = (waiting: boolean) => decoding.wait(waiting);
  const events = new EventQueue<ScanEvent>(
    EVENTS_WAITING,
    () => wait(true),
    () => wait(false),
  );
  const files = new KeyframeFiles(folder, size, settings.keyframes.jpegQuality);
  const tell = (selection: Selection<Candidate>) => {
    for (const chosen of selection.chosen) events.push(files.write(chosen));
    for (const shot of selection.shots) events.push({ kind: 'shot', shot });
  };

  let frames = 0;
  const decoding: Decoding = startDecode({
    ...{ path, probe, settings, signal, size },
    onFrame: (ticks, yuv) => {
      frames++;
      tell(shots.pushFrame(ticks, yuv));
      if (frames % PROGRESS_EVERY_FRAMES === 0 && events.isEmpty) events.push({ kind: 'progress', ticks, frames });
    },
    onPicture: (ticks, pixels) => {
      const rgb = size.bytesPerPixel === 4 ? overWhite(pixels) : pixels;
      tell(shots.pushCandidate({ ticks, rgb, ...measurePicture({ ...size, rgb }) }));
    },
  });
  const finished = decoding.ended.then((end) => {
    tell(shots.finish(end.pace.endTicks));
    return end;
  });
  // A failure is thrown below, after the events that came before it.
  finished.catch(() => {}).finally(() => events.close());
  try {
    yield* events;
    yield endEvent(probe, await finished);
  } finally {
    await decoding.close();
    await events.settled();
  }
}

const EVENTS_WAITING = 16;
const PROGRESS_EVERY_FRAMES = 50;

interface Candidate extends KeyframeCandidate {
  readonly rgb: Uint8Array;
}

/** Writes the chosen pictures, several at once, without holding up the frames. */
class KeyframeFiles {
  readonly #folder: string;
  readonly #size: PictureSize;
  readonly #quality: number;
  #count = 0;

  constructor(folder: string, size: PictureSize, quality: number) {
    this.#folder = folder;
    this.#size = size;
    this.#quality = quality;
  }

  async write({ candidate, shot, sameAs }: ChosenKeyframe<Candidate>): Promise<ScanEvent> {
    const { rgb, ...measured } = candidate;
    const { width, height } = this.#size;
    const file = join(this.#folder, `${String(this.#count++).padStart(6, '0')}.jpg`);
    const sha256 = await writeKeyframe(file, { width, height, rgb }, this.#quality);
    const keyframe: ScannedKeyframe = { ...measured, shot, sameAs, file, sha256, width, height };
    return { kind: 'keyframe', keyframe };
  }
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
