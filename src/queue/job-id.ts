import { createHash } from 'node:crypto';
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
