import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { findBundle, loadBundle } from '../caption/bundle.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { optionsOf } from '../pipeline/compose.ts';
import { bundleFolder } from '../pipeline/settings.ts';
import { jobOptions, labels } from '../queue/jobs.ts';
import { withJobOptions } from '../queue/with-job-options.ts';
import { backfillMode, filters, limits, type RunSpec } from './run-spec.ts';

/** What may be chosen for a run; what isn't said has these defaults. */
export const runChoices = z.strictObject({
  mode: backfillMode.default('missing'),
  filters: filters.partial().default({}),
  limits: limits.partial().default({}),
  labels: labels.default({}),
  options: jobOptions.default({}),
});
export type RunChoices = Readonly<z.input<typeof runChoices>>;

const NO_FILTERS: z.infer<typeof filters> = { include: [], exclude: [], sinceMs: null, maxBytes: null, anyName: false };
const USUAL_LIMITS: z.infer<typeof limits> = {
  waiting: 200,
  jobsPerMinute: null,
  bytesPerSecond: null,
  concurrency: [],
  pauseAfter: 20,
};

/**
 * What a run over a source is to do, with the model that is at hand here.
 *
 * @param source `s3://bucket/prefix`, a folder, or a list file.
 * @throws {FramescribeError} USAGE, SOURCE_NOT_FOUND, BUNDLE_…
 */
export async function makeSpec(source: string, choices: RunChoices, config: Config): Promise<RunSpec> {
  const parsed = runChoices.safeParse(choices);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new FramescribeError('USAGE', `Expected choices for a run, but ${problems.join('; ')}`);
  }
  const { mode, options } = parsed.data;
  const chosen = withJobOptions(config, options);
  const bundle = await loadBundle(await findBundle(chosen.caption.model, bundleFolder(chosen)));
  const { name, version } = bundle.manifest;
  return {
    ...(await placeOf(source)),
    mode,
    options,
    labels: parsed.data.labels,
    filters: { ...NO_FILTERS, ...defined(parsed.data.filters) },
    limits: { ...USUAL_LIMITS, ...defined(parsed.data.limits) },
    model: { name, version, digest: bundle.digest },
    wanted: optionsOf(chosen, bundle),
  };
}

/** A prefix is taken to the letter: a bucket may hold keys of any kind. */
export function parseBucketSource(source: string): { readonly bucket: string; readonly prefix: string } | null {
  const [, bucket, path = ''] =
    /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])(?:\/(.*))?$/su.exec(source) ?? [];
  if (bucket === undefined) return null;
  return { bucket, prefix: path === '' || path.endsWith('/') ? path : `${path}/` };
}

async function placeOf(source: string): Promise<Pick<RunSpec, 'source' | 'kind'>> {
  const object = parseBucketSource(source);
  if (object) return { kind: 'bucket', source: `s3://${object.bucket}/${object.prefix}` };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) {
    throw new FramescribeError('USAGE', `Expected s3://bucket/prefix, a folder or a list file, got ${source}`);
  }
  const path = resolve(source);
  const facts = await stat(path).catch((cause) => {
    throw new FramescribeError('SOURCE_NOT_FOUND', `Expected a folder or a list file at ${path}, got ${cause.code}`, {
      cause,
    });
  });
  return { kind: facts.isDirectory() ? 'folder' : 'list', source: path };
}

function defined<T extends object>(values: T): { [Key in keyof T]-?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]-?: Exclude<T[Key], undefined>;
  };
}
