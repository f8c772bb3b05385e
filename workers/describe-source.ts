import { isDeepStrictEqual } from 'node:util';
import type { Bundle } from '../src/caption/bundle.ts';
import type { Captioner } from '../src/caption/captioner.ts';
import type { Config } from '../src/domain/config.ts';
import { FramescribeError } from '../src/domain/errors.ts';
import { type DescribeOptions, type Result, result as resultSchema } from '../src/domain/result.ts';
import { fetchSource } from '../src/fetch/fetch-source.ts';
import type { Workspace } from '../src/fetch/workspace.ts';
import { optionsOf } from '../src/pipeline/compose.ts';
import { describe } from '../src/pipeline/describe.ts';
import type { Meter } from '../src/pipeline/meter.ts';
import { publish } from '../src/pipeline/publish.ts';
import { resultName } from '../src/pipeline/source.ts';
import type { Described, JobProgress } from '../src/queue/jobs.ts';
import { FORMATS } from '../src/render/render.ts';
import type { Store } from '../src/storage/store.ts';
import type { Task } from './messages.ts';

export interface DescribeSourceContext {
  /** With the job's own choices in it. */
  readonly config: Config;
  readonly bundle: Bundle;
  readonly captioner: Captioner;
  readonly store: Store;
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  readonly meter: Meter;
}

/**
 * Takes a video from its source to its result in the store. A result of the same bytes, model and options that is
 * there already is the answer: what an earlier try has published isn't made twice.
 *
 * @throws {FramescribeError}
 */
export async function describeSource(task: Task, context: DescribeSourceContext): Promise<Described> {
  const { config, bundle, captioner, store, workspace, signal, onProgress, meter } = context;
  const name = nameOf(task);
  // Asked before the work: whoever publishes meanwhile is faster, and this one loses at the end.
  const replaces = await store.revision(name);
  await using folder = await workspace.folder();
  onProgress({ stage: 'fetch', doneMs: 0, totalMs: null, keyframes: 0 });
  const fetched = await meter.stage('fetch', () =>
    fetchSource(task.source, config, { signal, folder: folder.path, claim: folder.claim }),
  );
  meter.add({ bytesIn: fetched.bytes });
  const wanted = { sha256: fetched.sha256, digest: bundle.digest, options: optionsOf(config, bundle) };
  if (replaces !== null) {
    const standing = await resultThere(name, store);
    if (standing && answers(standing, wanted)) return summaryOf(standing, name, store);
  }
  await using description = await describe(fetched.path, {
    config: { ...config, tempDir: folder.path },
    bundle,
    captioner,
    signal,
    sourceName: fetched.name,
    onProgress,
    meter,
  });
  onProgress({ stage: 'publish', doneMs: 0, totalMs: null, keyframes: description.result.keyframes.length });
  try {
    await publish(description, name, store, task.options.formats ?? FORMATS, signal, replaces);
    return summaryOf(description.result, name, store);
  } catch (error) {
    if (FramescribeError.from(error).code !== 'RESULT_CONFLICT') throw error;
    const standing = await resultThere(name, store);
    if (standing && answers(standing, wanted)) return summaryOf(standing, name, store);
    throw error;
  }
}

/** The source's own name for people, and the job's id so that no two jobs meet. */
function nameOf({ source, id }: Task): string {
  const path = source.includes('://') ? source.replace(/[?#].*$/s, '') : source;
  return `${resultName(path)}-${id}`;
}

async function resultThere(name: string, store: Store): Promise<Result | null> {
  try {
    return resultSchema.parse(JSON.parse(String(await store.read(name, 'result.json'))));
  } catch (error) {
    const { code, kind } = FramescribeError.from(error);
    if (code !== 'RESULT_NOT_FOUND' && kind.retryable) throw error;
    return null;
  }
}

interface Wanted {
  readonly sha256: string;
  readonly digest: string;
  readonly options: DescribeOptions;
}

function answers({ video, model, options }: Result, wanted: Wanted): boolean {
  return video.sha256 === wanted.sha256 && model.digest === wanted.digest && isDeepStrictEqual(options, wanted.options);
}

function summaryOf(result: Result, name: string, store: Store): Described {
  return {
    name,
    place: store.locate(name),
    sha256: result.video.sha256,
    digest: result.digest,
    durationMs: result.video.durationMs,
    shots: result.shots.length,
    keyframes: result.keyframes.length,
    summary: result.summary.text,
  };
}
