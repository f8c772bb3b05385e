import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FramescribeError } from '../../src/domain/errors.ts';
import type { Warning } from '../../src/domain/result.ts';
import { probe } from '../../src/media/probe.ts';
import { scan } from '../../src/media/scan.ts';
import { planFor } from '../../src/media/scan-plan.ts';
import { settings } from '../media/clips.ts';

/** What became of a file: a whole scan, or a typed error. Anything else is thrown. */
export interface Outcome {
  readonly error: FramescribeError | null;
  readonly shots: number;
  readonly keyframes: number;
  readonly durationMs: number;
  readonly warnings: readonly Warning[];
  readonly tookMs: number;
  /** Names of files that the scan left beside the keyframes that it told of. */
  readonly litter: readonly string[];
}

/** Probes and scans a file as the product does. */
export async function attempt(path: string): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'framescribe-hostile-'));
  const { signal } = new AbortController();
  const start = performance.now();
  const outcome = {
    error: null as FramescribeError | null,
    shots: 0,
    durationMs: 0,
    warnings: [] as readonly Warning[],
  };
  const pictures = new Set<string>();
  try {
    const probed = await probe(path, settings, signal);
    const plan = await planFor(path, probed, settings.scan.mode, settings, signal);
    for await (const event of scan(path, probed, settings, { signal, plan, folder })) {
      if (event.kind === 'shot') outcome.shots++;
      else if (event.kind === 'keyframe') pictures.add(basename(event.keyframe.file));
      else if (event.kind === 'end') {
        outcome.durationMs = event.facts.durationMs;
        outcome.warnings = event.warnings;
      }
    }
  } catch (error) {
    if (!(error instanceof FramescribeError)) throw error;
    outcome.error = error;
  }
  const tookMs = performance.now() - start;
  const litter = (await readdir(folder)).filter((name) => !pictures.has(name));
  await rm(folder, { recursive: true });
  return { ...outcome, keyframes: pictures.size, tookMs, litter };
}
