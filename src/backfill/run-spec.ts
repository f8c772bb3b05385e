import { z } from 'zod';
import { describeOptions } from '../domain/result.ts';
import { jobOptions, labels } from '../queue/jobs.ts';
import { hourlyCaps } from './hours.ts';

/**
 * Which videos a run takes: `missing` those without a result of this model and these options, `stale` those whose result
 * another model made, `all` every one.
 */
export const backfillMode = z.enum(['missing', 'stale', 'all']);
export type BackfillMode = z.infer<typeof backfillMode>;

export const filters = z.strictObject({
  /** Globs over the path below the source; without a `/` over the file's name. Empty: everything. */
  include: z.array(z.string().min(1).max(1000)),
  exclude: z.array(z.string().min(1).max(1000)),
  /** Changed at this time or later, in milliseconds since 1970. */
  sinceMs: z.number().nullable(),
  maxBytes: z.int().positive().nullable(),
  /** Files that aren't named like videos too. */
  anyName: z.boolean(),
});
export type Filters = Readonly<z.infer<typeof filters>>;

export const limits = z.strictObject({
  /** Back-catalogue jobs that the queue may hold, waiting. */
  waiting: z.int().min(1).max(10_000),
  jobsPerMinute: z.number().positive().nullable(),
  /** Of the sources, on the average over time. */
  bytesPerSecond: z.number().positive().nullable(),
  /** Videos of this run at the same time, by hour of day; none for as many as the workers take. */
  concurrency: hourlyCaps,
  /** So many failures in a row with the same code pause the run. */
  pauseAfter: z.int().min(1).max(1_000_000),
});
export type Limits = Readonly<z.infer<typeof limits>>;

/** What a run is to do. It stays as it is for as long as the run lasts. */
export const runSpec = z.strictObject({
  /** `s3://bucket/prefix/`, or the absolute path of a folder or of a list file. */
  source: z.string(),
  kind: z.enum(['bucket', 'folder', 'list']),
  mode: backfillMode,
  filters,
  limits,
  /** For every video of it. */
  labels,
  options: jobOptions,
  model: z.strictObject({ name: z.string(), version: z.string(), digest: z.string() }),
  /** The choices that shape a result, all of them. */
  wanted: describeOptions,
});
export type RunSpec = Readonly<z.infer<typeof runSpec>>;
