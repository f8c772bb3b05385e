import { execFileSync } from 'node:child_process';
import { parseRational, type Rational } from '../src/domain/time.ts';
import { TINY_BYTES, TINY_HEIGHT, TINY_WIDTH, type TinyFrame } from '../src/media/frames.ts';

/** All frames of a video's first video track at 64×36, by one of FFmpeg's scalers. */
export function decodeTiny(path: string, scaler: string): { frames: TinyFrame[]; timeBase: Rational } {
  const filter = `scale=${TINY_WIDTH}:${TINY_HEIGHT}:flags=${scaler},format=yuv420p`;
  const input = [
    '-nostdin',
    '-v',
    'error',
    '-copyts',
    '-i',
    path,
    '-map',
    '0:v:0',
    '-fps_mode',
    'passthrough',
    '-vf',
    filter,
  ];
  const bytes = execFileSync('ffmpeg', [...input, '-f', 'rawvideo', 'pipe:1'], {
    maxBuffer: 2e9,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const list = execFileSync(
    'ffmpeg',
    [...input, '-enc_time_base', '-1', '-f', 'framehash', '-hash', 'adler32', 'pipe:1'],
    {
      encoding: 'utf8',
      maxBuffer: 1e9,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const timeBase = parseRational(/#tb 0: (\S+)/.exec(list)?.[1]) ?? { num: 1, den: 1000 };
  const ticks = list
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => Number(line.split(',')[2]));
  const frames = Array.from({ length: Math.min(ticks.length, Math.floor(bytes.length / TINY_BYTES)) }, (_, i) => ({
    ticks: (ticks[i] ?? 0) - (ticks[0] ?? 0),
    yuv: bytes.subarray(i * TINY_BYTES, (i + 1) * TINY_BYTES),
  }));
  return { frames, timeBase };
}
