import { FramescribeError } from '../domain/errors.ts';
import { exitError, type ProgramExit } from './ffmpeg.ts';
import { saysTooManyPixels, tooManyPixelsError } from './refusals.ts';

/** Reads what FFmpeg says on standard error while it decodes. */
export class DecodeLog {
  #damaged = 0;
  #says = new Set<Reason>();

  /** Frames that were lost, or shown with visible damage. */
  get damagedFrames(): number {
    return this.#damaged;
  }

  readonly take = (line: string): void => {
    if (DAMAGED.test(line)) this.#damaged++;
    for (const [reason, isSaid] of REASONS) if (isSaid(line)) this.#says.add(reason);
  };

  /** Why no frame came out. */
  noFramesError(path: string, maxPixels: number, exit: ProgramExit): FramescribeError {
    if (exit.exitCode === null || this.#says.has('broken')) return exitError(`to decode ${path}`, exit);
    if (this.#says.has('size')) return tooManyPixelsError(path, maxPixels, 'more');
    if (this.#says.has('codec')) {
      return new FramescribeError('CODEC_UNSUPPORTED', `Expected a codec that this FFmpeg decodes: ${path}`);
    }
    if (this.#says.has('encrypted')) {
      return new FramescribeError('ENCRYPTED', `Expected a video in the clear, but it is encrypted: ${path}`);
    }
    const lines = exit.lastLines.slice(-3).join('\n');
    return new FramescribeError('NO_FRAMES', `Expected frames to decode, but not one did: ${path}\n${lines}`);
  }
}

/** Of FFmpeg 5, 6 and later, in this order; a frame is in one of these lines only. */
const DAMAGED =
  /\[(warning|error)\] (Error while decoding stream #|.*corrupt decoded frame|Error submitting packet to decoder|Decoding error:)/;

type Reason = 'broken' | 'size' | 'codec' | 'encrypted';

const REASONS: readonly (readonly [Reason, (line: string) => boolean])[] = [
  ['broken', (line) => /No such filter|Unrecognized option|Option not found/.test(line)],
  ['size', saysTooManyPixels],
  ['codec', (line) => /Decoder .* not found|no decoder found for/i.test(line)],
  ['encrypted', (line) => /DRM protected|is encrypted|encrypted (stream|media)/i.test(line)],
];
