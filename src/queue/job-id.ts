import { createHash } from 'node:crypto';
import { resultName } from '../pipeline/source.ts';
import type { JobOptions } from './jobs.ts';

/**
 * The id of a job that describes a video: the same source, version and options give the same id, so that submitting
 * twice is submitting once.
 */
export function describeId(source: string, version: string | undefined, options: JobOptions): string {
  const chosen = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, Array.isArray(value) ? [...value].sort() : value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const identity = JSON.stringify(['framescribe/describe@1', source, version ?? null, chosen]);
  return `v${createHash('sha256').update(identity).digest('hex').slice(0, 31)}`;
}

/**
 * The name of a video's result in the store: the source's own name for people, and an id, so that no two videos meet. It
 * doesn't depend on the model: what another one makes takes the place of the older, which is kept as a version.
 */
export function resultNameOf(source: string, version: string | undefined, options: JobOptions): string {
  const path = source.includes('://') ? source.replace(/[?#].*$/s, '') : source;
  const { model: _, ...others } = options;
  return `${resultName(path)}-${describeId(source, version, others)}`;
}

/** Whether this is the id of a video: of a job by {@link describeId}, or of a result without one. Segments have longer ones. */
export function isVideoId(text: string): boolean {
  return /^[vr][0-9a-f]{31}$/.test(text);
}

/** The id of the video whose result has this name in the store: its job's, or one made of the name. */
export function idOfResult(name: string): string {
  const [, id] = /-(v[0-9a-f]{31})$/.exec(name) ?? [];
  return id ?? `r${createHash('sha256').update(name).digest('hex').slice(0, 31)}`;
}
