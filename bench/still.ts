import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from '../src/domain/config.ts';
import type { ScanMode } from '../src/domain/scan-plan.ts';
import { timeDecode } from './cost.ts';
import { LOSSLESS, runFfmpeg } from './film.ts';
import { timeWhole } from './whole.ts';

/** What a long video of a camera that never moves costs, over plain decoding, and what was found in it: no cut is right. */
export interface StillRow {
  readonly clip: string;
  readonly ratio: number;
  readonly cpu: number;
  readonly falseCuts: number;
  readonly keyframes: number;
  readonly captions: number;
}

/** Plays a clip of one shot forth and back, so that nothing jumps, until it's so long, with the noise of a sensor or without. */
export function buildStill(clip: string, seconds: number, noise: number, folder: string): string {
  const file = join(folder, `still-${basename(clip)}-${seconds}-${noise}.mp4`);
  if (existsSync(file)) return file;
  const turn = join(folder, `turn-${basename(clip)}.mkv`);
  const thereAndBack = '[0:v:0]split[there][some];[some]reverse[back];[there][back]concat,format=yuv420p';
  if (!existsSync(turn)) runFfmpeg(['-i', clip, '-filter_complex', thereAndBack, ...LOSSLESS, turn]);
  const filters = noise > 0 ? ['-vf', `noise=alls=${noise}:allf=t`] : [];
  runFfmpeg(['-stream_loop', '-1', '-i', turn, '-t', String(seconds), ...filters, '-c:v', 'libx264', file]);
  return file;
}

export async function stillRow(file: string, mode: ScanMode, config: Config): Promise<StillRow> {
  const decode = await timeDecode(config.ffmpeg.path, file);
  const { cpu, report, result } = await timeWhole(file, mode);
  const { shots, keyframes } = result;
  return {
    ...{ clip: basename(file), ratio: cpu / decode.cpu, cpu, falseCuts: shots.length - 1 },
    ...{ keyframes: keyframes.length, captions: report.captions },
  };
}
