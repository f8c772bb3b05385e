import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { fileArgument, guards } from './arguments.ts';
import { exitError, startProgram } from './ffmpeg.ts';

const MOST_BYTES = 1 << 20;

/**
 * For each point of time the timestamp of the I-frame that a decoder would start from, in seconds; null where there is
 * none. Reads the container's index and one packet a point.
 *
 * @param seconds by the container's own timestamps
 * @throws {FramescribeError} CANCELLED, FFMPEG_FAILED
 */
export async function keyPackets(
  path: string,
  streamIndex: number,
  seconds: readonly number[],
  settings: Pick<Config, 'ffmpeg' | 'limits'>,
  signal: AbortSignal,
): Promise<readonly (number | null)[]> {
  const program = startProgram(
    settings.ffmpeg.ffprobePath,
    [
      ...guards(settings),
      ...['-select_streams', String(streamIndex), '-read_intervals', seconds.map((at) => `${at}%+#1`).join(',')],
      ...['-print_format', 'csv=p=0', '-show_entries', 'packet=pts_time,flags', '-o', 'pipe:3', fileArgument(path)],
    ],
    { signal, deadlineMs: settings.limits.probeDeadlineMs, pipes: 1 },
  );
  let text = '';
  const ended = new Promise<void>((resolve) => {
    program.pipes[0]?.on('close', resolve).on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.length > MOST_BYTES) program.stop(new FramescribeError('FFMPEG_FAILED', 'Expected a packet a point'));
    });
  });
  const exit = await program.gone;
  await ended;
  if (exit.exitCode !== 0) throw exitError(`to look at packets of ${path}`, exit);
  const lines = text.split('\n').filter((line) => line !== '');
  return seconds.map((_, index) => {
    const [time, flags = ''] = lines[index]?.split(',') ?? [];
    return flags.startsWith('K') && Number.isFinite(Number(time)) ? Number(time) : null;
  });
}
