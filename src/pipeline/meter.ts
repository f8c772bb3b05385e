import { performance } from 'node:perf_hooks';

/** What a run took. Kept apart from the result, which doesn't depend on it. */
export interface RunReport {
  readonly schema: 'framescribe/run@1';
  readonly node: string;
  readonly platform: string;
  readonly stages: readonly { readonly stage: string; readonly wallMs: number }[];
  readonly wallMs: number;
  /** CPU time of this process with its threads; FFmpeg's own isn't in it. */
  readonly cpuMs: number;
  readonly peakRssBytes: number;
  /** Seconds of video for each second of work. */
  readonly speed: number;
}

/** Measures the stages of one description. */
export class Meter {
  readonly #start = performance.now();
  readonly #cpu = process.cpuUsage();
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
    return {
      schema: 'framescribe/run@1',
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      stages: [...this.#stages],
      wallMs,
      cpuMs: Math.round((user + system) / 1000),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      speed: Math.round((durationMs / wallMs) * 100) / 100,
    };
  }
}
