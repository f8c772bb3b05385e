import { RUNTIME_VERSION } from '../caption/network.ts';
import type { Config } from '../domain/config.ts';
import type { Measures, RunReport } from '../domain/run.ts';
import { packageVersion } from './load-config.ts';

const MS_PER_HOUR = 3_600_000;

/** The contents of `run.json` for a video of this length. */
export function reportRun(
  measures: Measures,
  { durationMs, ffmpeg }: { readonly durationMs: number; readonly ffmpeg: string },
  { observe }: Pick<Config, 'observe'>,
): RunReport {
  const cpuHours = (measures.cpuMs + (measures.ffmpegCpuMs ?? 0)) / MS_PER_HOUR;
  const videoHours = durationMs / MS_PER_HOUR;
  const per = (amount: number) => (videoHours > 0 ? amount / videoHours : 0);
  const { pricePerCpuHour } = observe;
  const total = cpuHours * pricePerCpuHour;
  return {
    schema: 'framescribe/run@1',
    versions: { framescribe: packageVersion(), node: process.version, ffmpeg, onnxruntime: RUNTIME_VERSION },
    platform: `${process.platform}-${process.arch}`,
    ...measures,
    speed: round(durationMs / measures.wallMs, 2),
    cpuSecondsPerVideoHour: round(per(cpuHours * 3600), 1),
    cost:
      pricePerCpuHour === 0 ? null : { pricePerCpuHour, total: round(total, 6), perVideoHour: round(per(total), 6) },
  };
}

function round(number: number, digits: number): number {
  return Math.round(number * 10 ** digits) / 10 ** digits;
}
