import { isDeepStrictEqual } from 'node:util';
import { runReport } from '../domain/run.ts';
import { isAboutOneResult, readResult } from '../pipeline/stored-results.ts';
import { nameOf } from '../queue/job-id.ts';
import type { Store } from '../storage/store.ts';
import type { BackfillMode, RunSpec } from './run-spec.ts';

/**
 * What a store has of a video: nothing; a result of this model and these options; one of the same options by another
 * model; or one of other options.
 */
export type Standing = 'none' | 'current' | 'older-model' | 'other-options';

/** @param video the source and the id of its job, by which its result is named. */
export async function standingOf(
  video: { readonly source: string; readonly id: string },
  { model, wanted }: Pick<RunSpec, 'model' | 'wanted'>,
  store: Store,
): Promise<Standing> {
  const found = await readResult(store, nameOf(video)).catch((error) => {
    if (isAboutOneResult(error)) return null;
    throw error;
  });
  if (found === null) return 'none';
  if (!isDeepStrictEqual(found.options, wanted)) return 'other-options';
  return found.model.digest === model.digest ? 'current' : 'older-model';
}

/** Whether a run of this mode takes a video of which that stands. */
export function isTaken(standing: Standing, mode: BackfillMode): boolean {
  if (mode === 'all') return true;
  return mode === 'stale' ? standing === 'older-model' : standing !== 'current';
}

/** What a result took, by its `run.json`. */
export interface Cost {
  readonly videoMs: number;
  readonly cpuMs: number;
}

/** Null where nothing tells. */
export async function costOf(name: string, store: Store): Promise<Cost | null> {
  const run = await store
    .read(name, 'run.json')
    .then((bytes) => runReport.parse(JSON.parse(String(bytes))))
    .catch(() => null);
  if (run === null) return null;
  const { cpuMs, ffmpegCpuMs, speed, wallMs } = run;
  return { videoMs: Math.round(speed * wallMs), cpuMs: cpuMs + (ffmpegCpuMs ?? 0) };
}
