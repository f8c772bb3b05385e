import { rename, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exitError, startProgram } from '../../media/ffmpeg.ts';
import { FILM, film } from './film.ts';
import { SCRIPT } from './script.ts';

interface ReelSettings {
  readonly ffmpeg: string;
  readonly signal: AbortSignal;
  /** The scenes, where it shouldn't be all of them. */
  readonly script?: typeof SCRIPT;
}

/**
 * Draws the sample reel, 69 seconds of nine scenes at 1280×720, and writes it as an MP4 file: something to describe
 * where there is no video at hand. The pictures are the same every time.
 *
 * Throws FFMPEG_MISSING, FFMPEG_FAILED, DISK_FULL or CANCELLED; `file` appears only when it is whole.
 */
export async function drawReel(file: string, { ffmpeg, signal, script = SCRIPT }: ReelSettings): Promise<void> {
  const partial = `${file}.part`;
  const encoder = startProgram(ffmpeg, encoderArguments(partial), { signal, deadlineMs: null, pipes: 1 });
  // The pipe is a socket: the reel is the one who writes to it.
  const input = encoder.pipes[0] as Duplex;
  const written = pipeline(frameBytes(script), input).catch((cause: unknown) => cause);
  try {
    const exit = await encoder.gone;
    if (exit.exitCode !== 0 || (await written) !== undefined) throw exitError('the sample reel', exit);
    await rename(partial, file);
  } catch (error) {
    input.destroy(); // the drawing ends with the pipe, whether or not an encoder was there to read it
    await written;
    await rm(partial, { force: true });
    throw error;
  }
}

/** Frames in memory of their own: a frame of the film is drawn over by the one after it. */
async function* frameBytes(script: typeof SCRIPT): AsyncGenerator<Buffer> {
  for await (const frame of film(scenes(script))) yield Buffer.from(frame.bytes);
}

async function* scenes(script: typeof SCRIPT) {
  for (const draw of script) yield await draw();
}

function encoderArguments(file: string): readonly string[] {
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+warning', '-y'],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${FILM.width}x${FILM.height}`],
    ...['-r', String(FILM.framesPerSecond), '-i', 'pipe:3'],
    // Without a named codec FFmpeg takes H.264 where it was built with it, and MPEG-4 elsewhere.
    ...['-preset', 'ultrafast', '-crf', '24', '-b:v', '4M', '-g', '96'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-movflags', '+faststart', '-f', 'mp4', `file:${file}`],
  ];
}
