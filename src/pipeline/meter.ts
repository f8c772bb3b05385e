import { performance } from 'node:perf_hooks';
import type { Measures } from '../domain/run.ts';
import { childCpuMs } from '../observe/child-cpu.ts';
import { residentBytes } from '../observe/memory.ts';

const SAMPLE_EVERY_MS = 250;

/**
 * Measures a piece of work from its making on: what the whole process does meanwhile counts, so a process measures one
 * video at a time. Samples memory until it's disposed.
 */
export class Meter implements Disposable {
  readonly #start = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #childCpuMs = childCpuMs();
  readonly #stages = new Map<string, number>();
  readonly #timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS).unref();
  readonly #shares: Measures[] = [];
  #bytesIn = 0;
  #bytesOut = 0;
  #captions = 0;
  #peakMemoryBytes = 0;

  async stage<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    this.#sample();
    try {
      return await work();
    } finally {
      this.#sample();
      this.#stages.set(stage, (this.#stages.get(stage) ?? 0) + performance.now() - start);
    }
  }

  add(counts: Partial<Pick<Measures, 'bytesIn' | 'bytesOut' | 'captions'>>): void {
    this.#bytesIn += counts.bytesIn ?? 0;
    this.#bytesOut += counts.bytesOut ?? 0;
    this.#captions += counts.captions ?? 0;
  }

  /** Counts in what was measured elsewhere for the same video, such as a segment. */
  include(share: Measures): void {
    this.#shares.push(share);
  }

  /** What was measured so far, here and elsewhere. */
  measures(): Measures {
    return this.#shares.reduce(joinMeasures, this.own());
  }

  /** What was measured here so far. */
  own(): Measures {
    this.#sample();
    const { user, system } = process.cpuUsage(this.#cpu);
    const ended = childCpuMs();
    return {
      stages: [...this.#stages].map(([stage, wallMs]) => ({ stage, wallMs: Math.round(wallMs) })),
      wallMs: Math.max(1, Math.round(performance.now() - this.#start)),
      cpuMs: Math.round((user + system) / 1000),
      ffmpegCpuMs: ended === null || this.#childCpuMs === null ? null : ended - this.#childCpuMs,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      captions: this.#captions,
      peakMemoryBytes: this.#peakMemoryBytes,
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const { own, children } = residentBytes();
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, own + children);
  }
}

/** Two pieces of work as one. */
export function joinMeasures(one: Measures, other: Measures): Measures {
  const stages = new Map<string, number>();
  for (const { stage, wallMs } of [...one.stages, ...other.stages])
    stages.set(stage, (stages.get(stage) ?? 0) + wallMs);
  const known = [one.ffmpegCpuMs, other.ffmpegCpuMs].filter((ms) => ms !== null);
  return {
    stages: [...stages].map(([stage, wallMs]) => ({ stage, wallMs })),
    wallMs: one.wallMs + other.wallMs,
    cpuMs: one.cpuMs + other.cpuMs,
    ffmpegCpuMs: known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0),
    bytesIn: one.bytesIn + other.bytesIn,
    bytesOut: one.bytesOut + other.bytesOut,
    captions: one.captions + other.captions,
    peakMemoryBytes: Math.max(one.peakMemoryBytes, other.peakMemoryBytes),
  };
}
