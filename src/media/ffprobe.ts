import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { fileArgument, guards } from './arguments.ts';
import { type ProgramExit, startProgram } from './ffmpeg.ts';

const REPORT_BYTES = 4 * 1024 * 1024;

/**
 * Runs ffprobe over a local file and tells what it wrote.
 *
 * @throws {FramescribeError} CONTAINER_DAMAGED where it's far too much, DEADLINE_EXCEEDED, FFMPEG_MISSING or CANCELLED
 */
export async function runFfprobe(
  path: string,
  questions: readonly string[],
  settings: Pick<Config, 'ffmpeg' | 'limits'>,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly exit: ProgramExit }> {
  const args = [...guards(settings), ...questions, '-o', 'pipe:3', fileArgument(path)];
  const program = startProgram(settings.ffmpeg.ffprobePath, args, {
    signal,
    deadlineMs: settings.limits.probeDeadlineMs,
    pipes: 1,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  const ended = new Promise<void>((resolve) => {
    program.pipes[0]?.on('close', resolve).on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > REPORT_BYTES) {
        program.stop(new FramescribeError('CONTAINER_DAMAGED', `The header lists far too many streams: ${path}`));
      }
    });
  });
  const exit = await program.gone;
  await ended;
  return { text: Buffer.concat(chunks).toString('utf8'), exit };
}
