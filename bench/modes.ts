import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../src/domain/config.ts';
import type { ScanMode, ScanPlan } from '../src/domain/scan-plan.ts';
import { probe } from '../src/media/probe.ts';
import { scan } from '../src/media/scan.ts';
import { planFor } from '../src/media/scan-plan.ts';
import { timeProgram } from './cost.ts';
import type { Film } from './film.ts';
import { compare, f1 } from './shot-scores.ts';

/** What a way of finding shots found in a film, and its CPU time. */
export interface Found {
  readonly seconds: readonly number[];
  readonly cpu: number;
}

/** How well shots were found: F1 within a frame and within a quarter of a second, and the share of rapid cuts. */
export interface ShotScore {
  readonly frame: number;
  readonly quarter: number;
  readonly rapidFound: number;
}

/** Half a frame more than one frame of a film. */
const ONE_FRAME = 1.5 / 25;

export function scoreShots(film: Film, seconds: readonly number[]): ShotScore {
  const known = film.cuts.map((cut) => ({ time: cut.seconds, type: 'hard' }));
  const within = (tolerance: number) => compare(seconds, known, tolerance);
  const score = ({ hits, missed, extra }: ReturnType<typeof compare>) => f1(hits, missed.length, extra.length);
  const frame = within(ONE_FRAME);
  const rapid = film.cuts.filter((cut) => cut.rapid);
  const rapidFound = rapid.filter((cut) => !frame.missed.includes(cut.seconds)).length / rapid.length;
  return { frame: score(frame), quarter: score(within(0.25)), rapidFound };
}

/** The scan alone, in this process: no captions. `full` decodes every frame with all its work. */
export async function timeScan(file: string, mode: ScanMode | 'full', config: Config): Promise<Found> {
  const { signal } = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), 'framescribe-bench-'));
  const before = process.cpuUsage();
  const seconds: number[] = [];
  let ffmpegCpu = 0;
  const probed = await probe(file, config, signal);
  const full: ScanPlan = { mode: 'exact', frames: 'all', loopFilter: true, because: 'asked for' };
  const plan = mode === 'full' ? full : await planFor(file, probed, mode, config, signal);
  for await (const event of scan(file, probed, config, { signal, plan, folder })) {
    const { num, den } = probed.timeBase;
    if (event.kind === 'shot' && event.shot.index > 0) seconds.push((event.shot.startTicks * num) / den);
    if (event.kind === 'end') ffmpegCpu = event.decodeCpuSeconds ?? Number.NaN;
  }
  const { user, system } = process.cpuUsage(before);
  rmSync(folder, { recursive: true });
  return { seconds, cpu: ffmpegCpu + (user + system) / 1e6 };
}

/** FFmpeg's own detector at its default threshold. */
export async function timeScdet(file: string, ffmpeg: string): Promise<Found> {
  const args = ['-v', 'info', '-i', `file:${file}`, '-map', '0:v:0', '-vf', 'scdet=threshold=10', '-f', 'null', '-'];
  const { cpu, stderr } = await timeProgram(ffmpeg, args);
  return { seconds: [...stderr.matchAll(/lavfi\.scd\.time: ([\d.]+)/g)].map(([, time]) => Number(time)), cpu };
}

/** PySceneDetect's adaptive detector; null where it isn't installed. */
export async function timePySceneDetect(file: string): Promise<Found | null> {
  const script = `
import sys
from scenedetect import AdaptiveDetector, detect
for start, _ in detect(sys.argv[1], AdaptiveDetector())[1:]: print(start.get_seconds(), file=sys.stderr)`;
  try {
    const { cpu, stderr } = await timeProgram('python3', ['-c', script, file]);
    return { seconds: [...stderr.matchAll(/^[\d.]+$/gm)].map(Number), cpu };
  } catch (error) {
    if (/No module named|ENOENT/.test(String(error))) return null;
    throw error;
  }
}
