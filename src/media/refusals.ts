import { FramescribeError } from '../domain/errors.ts';
import { looksLikeVideo } from './demuxers.ts';
import { exitError, type ProgramExit } from './ffmpeg.ts';
import { readHead } from './source-file.ts';

/** The refusal of a file that ffprobe couldn't open. */
export async function unopenedError(path: string, maxPixels: number, exit: ProgramExit): Promise<FramescribeError> {
  if (exit.exitCode === null) return exitError(`to probe ${path}`, exit);
  if (exit.lastLines.some(saysTooManyPixels)) return tooManyPixelsError(path, maxPixels, 'more');
  const said = exit.lastLines.at(-1)?.replace(/^.*\[\w+\] (file:.*: )?/, '') ?? 'no reason given';
  return looksLikeVideo(await readHead(path, 1024))
    ? new FramescribeError('CONTAINER_DAMAGED', `Expected a whole video, but its header is broken (${said}): ${path}`)
    : new FramescribeError('NOT_A_VIDEO', `Expected a video, got something else (${said}): ${path}`);
}

export function tooManyPixelsError(path: string, maxPixels: number, got: string): FramescribeError {
  return new FramescribeError('TOO_MANY_PIXELS', `Expected at most ${maxPixels} pixels a frame, got ${got}: ${path}`);
}

/** Whether a line of FFmpeg's log says that a picture is over the limit, or over what FFmpeg takes at all. */
export function saysTooManyPixels(line: string): boolean {
  return /Picture size \d+x\d+|exceeds specified max pixel count|dimensions too large/i.test(line);
}
