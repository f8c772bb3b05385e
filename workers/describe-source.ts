import { isDeepStrictEqual } from 'node:util';
import type { Bundle } from '../src/caption/bundle.ts';
import type { Captioner } from '../src/caption/captioner.ts';
import type { Config } from '../src/domain/config.ts';
import { FramescribeError } from '../src/domain/errors.ts';
import type { DescribeOptions, Result } from '../src/domain/result.ts';
import type { OpenedSource, SourceCache } from '../src/fetch/source-cache.ts';
import type { Workspace } from '../src/fetch/workspace.ts';
import { type Description, optionsOf } from '../src/pipeline/compose.ts';
import { machineDigest } from '../src/pipeline/corrected.ts';
import { describe } from '../src/pipeline/describe.ts';
import type { Meter } from '../src/pipeline/meter.ts';
import { type CutSource, planSource } from '../src/pipeline/plan-source.ts';
import { publish } from '../src/pipeline/publish.ts';
import { readResult } from '../src/pipeline/stored-results.ts';
import type { Described, JobProgress } from '../src/queue/jobs.ts';
import { FORMATS } from '../src/render/render.ts';
import { outlast, type Patience } from '../src/storage/patience.ts';
import type { Revision, Store } from '../src/storage/store.ts';
import type { Task } from './messages.ts';

export interface DescribeSourceContext {
  /** With the job's own choices in it. */
  readonly config: Config;
  readonly bundle: Bundle;
  readonly captioner: Captioner;
  readonly store: Store;
  /** For what is put into a store, or comes from one. */
  readonly patience: Patience;
  readonly workspace: Workspace;
  readonly sources: SourceCache;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  /** Hears of the first picture of the video. */
  readonly onPicture?: (file: string) => void;
  readonly meter: Meter;
}

/** A video's result, or how it's to be cut, for workers to share it. */
export type DescribeOutcome =
  | { readonly kind: 'described'; readonly result: Described }
  | ({ readonly kind: 'cut' } & CutSource & Standing);

/** What stands in a task's place when the work is taken up: what may be replaced. */
export interface Standing {
  readonly replaces: Revision | null;
  /** The digest of the model's own result there; null where there is none that can be read. */
  readonly machine: string | null;
}

/**
 * Takes a video from its source to its result in the store, unless it's so long that it's to be cut. A result of the
 * same bytes, model and options that is there already is the answer: what an earlier try has published isn't made
 * twice.
 *
 * @throws {FramescribeError}
 */
export async function describeSource(task: Task, context: DescribeSourceContext): Promise<DescribeOutcome> {
  const { config, bundle, captioner, store, workspace, sources, signal, onProgress, meter } = context;
  // Asked before the work: whoever publishes meanwhile is faster, and this one loses at the end.
  const { flow } = task;
  const standing = flow ?? (await standingAt(task.name, store));
  onProgress({ stage: 'fetch', doneMs: 0, totalMs: null, keyframes: 0 });
  const planned = flow?.plan.sha256 ?? null;
  const fetched = await bring(task.source, () => sources.open(task.source, planned, signal), context);
  let isCut = false;
  try {
    const wanted = { sha256: fetched.sha256, digest: bundle.digest, options: optionsOf(config, bundle) };
    const answer = standing.replaces === null ? null : await answerThere(task, wanted, store);
    if (answer) return { kind: 'described', result: answer };
    if (!flow) {
      const cut = await meter.stage('probe', () => planSource(fetched, config, signal));
      isCut = cut !== null;
      if (cut) return { kind: 'cut', ...cut, ...standing };
    }
    await using folder = await workspace.folder();
    await using description = await describe(fetched.path, {
      config: { ...config, tempDir: folder.path },
      bundle,
      captioner,
      signal,
      sourceName: fetched.name,
      onProgress,
      onPicture: context.onPicture,
      meter,
    });
    return { kind: 'described', result: await publishAs(task, description, wanted, standing, context) };
  } finally {
    await (isCut ? sources.keep() : sources.clear());
  }
}

/**
 * Brings a source, or a part of it, to the local disk. S3 is where the results go too: while it's away, no other video
 * would fare better.
 */
export async function bring<T extends OpenedSource>(
  source: string,
  open: () => Promise<T>,
  { meter, patience }: Pick<DescribeSourceContext, 'meter' | 'patience'>,
): Promise<T> {
  const isAway = ({ code }: FramescribeError) => code === 'SOURCE_UNREACHABLE' && source.startsWith('s3://');
  const opened = await outlast(() => meter.stage('fetch', open), patience, isAway);
  meter.add({ bytesIn: opened.broughtBytes });
  return opened;
}

/**
 * Publishes a description, or takes the same one that somebody else was faster to publish. People who correct the older
 * result meanwhile are no rivals: what they said goes into this one.
 */
export async function publishAs(
  task: Task,
  description: Omit<Description, keyof AsyncDisposable>,
  wanted: Wanted,
  { replaces, machine }: Standing,
  context: Pick<DescribeSourceContext, 'store' | 'signal' | 'onProgress' | 'patience'>,
): Promise<Described> {
  const { store, signal, onProgress, patience } = context;
  const { name, options, labels } = task;
  const formats = options.formats ?? FORMATS;
  onProgress({ stage: 'publish', doneMs: 0, totalMs: null, keyframes: description.result.keyframes.length });
  for (let standing = replaces, attempt = 1; ; attempt++) {
    try {
      const work = () => publish(description, name, store, { formats, signal, replaces: standing, labels });
      const { result } = await outlast(work, patience);
      return summaryOf(result, name, store);
    } catch (error) {
      if (FramescribeError.from(error).code !== 'RESULT_CONFLICT') throw error;
      const answer = await answerThere(task, wanted, store);
      if (answer) return answer;
      const now = await standingAt(name, store);
      const isCorrected = machine !== null && now.machine === machine && now.replaces !== standing;
      if (!isCorrected || attempt >= MOST_ATTEMPTS) throw error;
      standing = now.replaces;
    }
  }
}

const MOST_ATTEMPTS = 5;

async function standingAt(name: string, store: Store): Promise<Standing> {
  const replaces = await store.revision(name);
  const result = replaces === null ? null : await resultThere(name, store);
  return { replaces, machine: result && machineDigest(result) };
}

/** What a result has to be of to be the answer. */
export interface Wanted {
  readonly sha256: string;
  readonly digest: string;
  readonly options: DescribeOptions;
}

/** The result that stands in a task's place, if it's the answer. */
export async function answerThere(task: Task, wanted: Wanted, store: Store): Promise<Described | null> {
  const standing = await resultThere(task.name, store);
  return standing && answers(standing, wanted) ? summaryOf(standing, task.name, store) : null;
}

async function resultThere(name: string, store: Store): Promise<Result | null> {
  try {
    return await readResult(store, name);
  } catch (error) {
    const { code, kind } = FramescribeError.from(error);
    if (code !== 'RESULT_NOT_FOUND' && kind.retryable) throw error;
    return null;
  }
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
