import { FramescribeError } from '../domain/errors.ts';
import { exitError, type ProgramExit } from './ffmpeg.ts';

/** Reads what FFmpeg says on standard error while it decodes. */
export class DecodeLog {
  #damaged = 0;
  #reason: RegExp | null = null;

  /** Frames that were lost, or shown with visible damage. */
  get damagedFrames(): number {
    return this.#damaged;
  }

  readonly take = (line: string): void => {
    if (DAMAGED.test(line)) this.#damaged++;
    this.#reason ??= REASONS.find(([pattern]) => pattern.test(line))?.[0] ?? null;
  };

  /** Why no frame came out. */
  noFramesError(path: string, exit: ProgramExit): FramescribeError {
    const [, code, message] = REASONS.find(([pattern]) => pattern === this.#reason) ?? NO_REASON;
    if (exit.exitCode === null || code === 'FFMPEG_FAILED') return exitError(`to decode ${path}`, exit);
    return new FramescribeError(code, `${message}: ${path}\n${exit.lastLines.slice(-3).join('\n')}`.trim());
  }
}

/** Of FFmpeg 5, 6 and later, in this order; a frame is in one of these lines only. */
const DAMAGED =
  /\[(warning|error)\] (Error while decoding stream #|.*corrupt decoded frame|Error submitting packet to decoder|Decoding error:)/;

const REASONS = [
  [/Decoder .* not found|no decoder found for/i, 'CODEC_UNSUPPORTED', 'Expected a codec that this FFmpeg decodes'],
  [
    /DRM protected|is encrypted|encrypted (stream|media)/i,
    'ENCRYPTED',
    'Expected a video in the clear, got an encrypted one',
  ],
  [
    /Picture size \d+x\d+|exceeds specified max pixel count|dimensions too large/i,
    'TOO_MANY_PIXELS',
    'Expected pictures within limits.maxPixels, but its frames are larger than that, or than any decoder takes',
  ],
  [/No such filter|Unrecognized option|Option not found|Cannot allocate memory/i, 'FFMPEG_FAILED', ''],
] as const;

const NO_REASON = [null, 'NO_FRAMES', 'Expected frames to decode, but not one did'] as const;
