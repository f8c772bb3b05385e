import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What a run took. Kept apart from the result, which doesn't depend on it. */
export interface RunReport {
  readonly schema: 'framescribe/run@1';
  readonly node: string;
  readonly platform: string;
  readonly stages: readonly { readonly stage: string; readonly wallMs: number }[];
  readonly wallMs: number;
  /** CPU time of this process with its threads. */
  readonly cpuMs: number;
  /** CPU time of FFmpeg and ffprobe; null where the system doesn't tell. */
  readonly ffmpegCpuMs: number | null;
  readonly peakRssBytes: number;
  /** Seconds of video for each second of work. */
  readonly speed: number;
}

/** Measures the stages of one description. */
export class Meter {
  readonly #start = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #childCpuMs = childCpuMs();
  readonly #stages: { stage: string; wallMs: number }[] = [];

  async stage<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#stages.push({ stage, wallMs: Math.round(performance.now() - start) });
    }
  }

  report(durationMs: number): RunReport {
    const wallMs = Math.max(1, Math.round(performance.now() - this.#start));
    const { user, system } = process.cpuUsage(this.#cpu);
    const ended = childCpuMs();
    return {
      schema: 'framescribe/run@1',
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      stages: [...this.#stages],
      wallMs,
      cpuMs: Math.round((user + system) / 1000),
      ffmpegCpuMs: ended === null || this.#childCpuMs === null ? null : ended - this.#childCpuMs,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      speed: Math.round((durationMs / wallMs) * 100) / 100,
    };
  }
}

/** Linux counts in hundredths of a second. */
const MS_PER_TICK = 10;

/** CPU time of all ended children so far: fields 16 and 17 of proc(5)'s stat. Null where there is no such file. */
function childCpuMs(): number | null {
  try {
    const afterName = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(afterName[13]) + Number(afterName[14])) * MS_PER_TICK;
  } catch {
    return null;
  }
}
