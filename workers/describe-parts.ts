import { FramescribeError } from '../src/domain/errors.ts';
import { checkpointName, checkpointNames, keepCheckpoint } from '../src/pipeline/checkpoint.ts';
import { optionsOf } from '../src/pipeline/compose.ts';
import { describeJoined } from '../src/pipeline/describe-joined.ts';
import { type DescribedSegment, describeSegment } from '../src/pipeline/describe-segment.ts';
import type { Reach } from '../src/pipeline/plan.ts';
import { probeDigest } from '../src/pipeline/reach.ts';
import type { Described } from '../src/queue/jobs.ts';
import { outlast } from '../src/storage/patience.ts';
import type { Store } from '../src/storage/store.ts';
import { answerThere, bring, type DescribeSourceContext, describeSource, publishAs } from './describe-source.ts';
import type { SegmentTask, Task } from './messages.ts';

/** How long a finished job waits for a store that is away, to tidy up. */
const LITTER_MS = 30_000;

export interface PartsContext extends DescribeSourceContext {
  /** Where checkpoints are. */
  readonly checkpoints: Store;
}

/** What became of a cut video: its result, the segments that aren't there yet, or that it has to stay whole. */
export type JoinOutcome =
  | { readonly kind: 'described'; readonly result: Described }
  | { readonly kind: 'missing'; readonly segments: readonly number[] }
  | { readonly kind: 'unfit'; readonly reason: string };

/**
 * Describes one segment of a video and keeps it in the store. One that is there already isn't made again.
 *
 * @throws {FramescribeError} SEGMENT_UNFIT, or what describing throws
 */
export async function describePart(task: SegmentTask, context: PartsContext): Promise<'made' | 'found'> {
  const { video, plan, index, reach } = task;
  const { config, bundle, checkpoints, sources, signal, meter, patience } = context;
  const name = checkpointName(video, plan, index, config, bundle);
  if ((await checkpoints.revision(name)) !== null) return 'found';
  try {
    const described =
      (reach && (await describeByReach(task, reach, context))) ?? (await describeByWhole(task, context));
    const measures = meter.measures();
    await outlast(() => keepCheckpoint(checkpoints, name, described, measures, signal), patience);
    return 'made';
  } finally {
    await sources.keep();
  }
}

/** Removes what was kept of one segment. */
export async function forgetPart(
  { video, plan, index }: SegmentTask,
  { config, bundle, checkpoints }: Pick<PartsContext, 'config' | 'bundle' | 'checkpoints'>,
): Promise<void> {
  await checkpoints.remove(checkpointName(video, plan, index, config, bundle));
}

async function describeByWhole(task: SegmentTask, context: PartsContext): Promise<DescribedSegment> {
  const { source, plan } = task;
  const { sources, signal } = context;
  const { path } = await bring(source, () => sources.open(source, plan.sha256, signal), context);
  return describeAt(path, task, context);
}

/** Null where what was thought to be enough of the source isn't. */
async function describeByReach(
  task: SegmentTask,
  reach: Reach,
  context: PartsContext,
): Promise<DescribedSegment | null> {
  const { source, plan } = task;
  const { sources, signal } = context;
  const { revision, parts } = reach;
  const wanted = { sha256: plan.sha256, bytes: plan.bytes, revision, parts };
  try {
    const { path } = await bring(source, () => sources.openParts(source, wanted, signal), context);
    const described = await describeAt(path, task, context);
    return probeDigest(described.probe) === reach.probe ? described : null;
  } catch (error) {
    const { code, kind } = FramescribeError.from(error);
    if (signal.aborted || (kind.retryable && code !== 'SOURCE_CHANGED')) throw error;
    return null;
  }
}

async function describeAt(
  path: string,
  { plan, index }: SegmentTask,
  context: PartsContext,
): Promise<DescribedSegment> {
  const { config, captioner, signal, meter, workspace, onProgress } = context;
  await using folder = await workspace.folder();
  return await describeSegment(path, plan, index, {
    ...{ config, captioner, signal, meter, folder: folder.path },
    onProgress: (doneMs, keyframes) => onProgress({ stage: 'scan', doneMs, totalMs: null, keyframes }),
    onPicture: index === 0 ? context.onPicture : undefined,
  });
}

/**
 * Joins the segments of a cut video, publishes its result, and removes what was kept of them.
 *
 * @throws {FramescribeError}
 */
export async function joinParts(task: Task, context: PartsContext): Promise<JoinOutcome> {
  const { flow } = task;
  if (flow === undefined) throw new FramescribeError('INTERNAL', 'Expected a video that was cut');
  const { config, bundle, store, checkpoints, workspace, signal, meter, onProgress } = context;
  const { plan, replaces } = flow;
  const names = checkpointNames(task.id, plan, config, bundle);
  const wanted = { sha256: plan.sha256, digest: bundle.digest, options: optionsOf(config, bundle) };
  if ((await store.revision(task.name)) !== replaces) {
    const standing = await answerThere(task, wanted, store);
    if (standing) return { kind: 'described', result: standing };
  }
  const segments = await missingOf(checkpoints, names);
  if (segments.length > 0) return { kind: 'missing', segments };
  await using folder = await workspace.folder();
  try {
    const joining = await describeJoined(plan, checkpoints, names, {
      ...{ config, bundle, folder: folder.path, meter, signal },
    });
    if (joining.kind === 'missing') return joining;
    const { description } = joining;
    const { durationMs } = description.result.video;
    onProgress({ stage: 'summarise', doneMs: durationMs, totalMs: durationMs, keyframes: 0 });
    const result = await publishAs(task, description, wanted, flow, context);
    await forgetParts(context, names);
    return { kind: 'described', result };
  } catch (error) {
    const { code, message } = FramescribeError.from(error);
    if (code === 'SEGMENT_UNFIT') return { kind: 'unfit', reason: message };
    throw error;
  }
}

/** Describes a cut video whole, as it can't be cut after all. */
export async function describeWhole(task: Task, context: PartsContext): Promise<Described> {
  const outcome = await describeSource(task, context);
  if (outcome.kind !== 'described') throw new FramescribeError('INTERNAL', 'Expected a video that stays whole');
  if (task.flow) {
    const { config, bundle } = context;
    await forgetParts(context, checkpointNames(task.id, task.flow.plan, config, bundle));
  }
  return outcome.result;
}

/** Told from their manifests alone: whether they're whole is seen when they're joined. */
async function missingOf(checkpoints: Store, names: readonly string[]): Promise<readonly number[]> {
  const revisions = await Promise.all(names.map((name) => checkpoints.revision(name)));
  return revisions.flatMap((revision, index) => (revision === null ? [index] : []));
}

/** A result stands by then: what can't be removed soon is litter, and no more. */
async function forgetParts(
  { checkpoints, patience }: Pick<PartsContext, 'checkpoints' | 'patience'>,
  names: readonly string[],
): Promise<void> {
  const shorter = { ...patience, patienceMs: Math.min(patience.patienceMs, LITTER_MS) };
  const remove = async () => {
    for (const name of names) await checkpoints.remove(name);
  };
  await outlast(remove, shorter).catch(() => {});
}
