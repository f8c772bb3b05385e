import { runReport } from '../domain/run.ts';
import { lookUp } from '../pipeline/look-up.ts';
import { isAboutOneResult, readResult } from '../pipeline/stored-results.ts';
import { resultNameOf } from '../queue/job-id.ts';
import type { Store } from '../storage/store.ts';
import type { RunSpec } from './run-spec.ts';

/** A video as a run submits it; the version is empty where there is none. */
export interface Submitted {
  readonly source: string;
  readonly version: string;
}

/** The name of a video's result. */
export function nameOf({ source, version }: Submitted, { options }: Pick<RunSpec, 'options'>): string {
  return resultNameOf(source, version || undefined, options);
}

/** Whether a video has a result by the model and with the options of a run. */
export async function isDescribed(video: Submitted, spec: RunSpec, store: Store): Promise<boolean> {
  return (await lookUp(store, nameOf(video, spec), { model: spec.model, options: spec.wanted })) === 'there';
}

/** Whether a run takes a video, by what stands of it. */
export async function isTaken(video: Submitted, spec: RunSpec, store: Store): Promise<boolean> {
  if (spec.mode === 'all') return true;
  if (spec.mode === 'missing') return !(await isDescribed(video, spec, store));
  const name = nameOf(video, spec);
  if ((await lookUp(store, name, { model: spec.model, options: spec.wanted })) !== 'other') return false;
  const result = await readResult(store, name).catch((error) => {
    if (isAboutOneResult(error)) return null;
    throw error;
  });
  return result?.model.digest !== spec.model.digest;
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
