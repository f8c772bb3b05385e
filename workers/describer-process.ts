import '../src/pipeline/own-process.ts';
import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { type Bundle, findBundle, loadBundle } from '../src/caption/bundle.ts';
import { type Captioner, type CaptionerSettings, openCaptioner } from '../src/caption/captioner.ts';
import type { Config } from '../src/domain/config.ts';
import { FramescribeError } from '../src/domain/errors.ts';
import { SourceCache } from '../src/fetch/source-cache.ts';
import { openWorkspace, type Workspace } from '../src/fetch/workspace.ts';
import { previewOf } from '../src/media/preview.ts';
import { programVersions } from '../src/media/version.ts';
import { childCpuMs } from '../src/observe/child-cpu.ts';
import { residentBytes } from '../src/observe/memory.ts';
import { Meter } from '../src/pipeline/meter.ts';
import { checkpointStore } from '../src/pipeline/old-checkpoints.ts';
import { bundleFolder, captionerSettings } from '../src/pipeline/settings.ts';
import type { JobProgress } from '../src/queue/jobs.ts';
import { withJobOptions } from '../src/queue/with-job-options.ts';
import { openStore } from '../src/storage/open-store.ts';
import { patientStore } from '../src/storage/patience.ts';
import type { Store } from '../src/storage/store.ts';
import { describePart, describeWhole, forgetPart, joinParts, type PartsContext } from './describe-parts.ts';
import { describeSource } from './describe-source.ts';
import { type FromDescriber, type ToDescriber, toFailed, type Vitals } from './messages.ts';
import { withoutPlaces } from './without-places.ts';

/**
 * The process that describes, one video after another. It knows nothing of the queue: whoever started it holds the
 * job's lock, and never waits for a decoder, a model or a long summary. When that one is gone, this one ends too.
 */
const PROGRESS_EVERY_MS = 500;
const LAST_WORDS_MS = 4_000;
const VITALS_EVERY_MS = 10_000;

let room: Room | null = null;
let stop = new AbortController();
let isBusy = false;

process.on('message', (message: ToDescriber) => {
  if (message.kind === 'stop') stop.abort(new FramescribeError('CANCELLED', 'Stopped on request.'));
  else if (message.kind === 'open') answer(open(message.config));
  else answer(work(message));
});

process.on('disconnect', async () => {
  setTimeout(() => process.exit(1), LAST_WORDS_MS).unref();
  stop.abort(new FramescribeError('WORKER_LOST', 'The worker has ended.'));
  await room?.close();
  process.exit(0);
});

// A worker that has died doesn't read any more.
process.stderr.on('error', () => {});

// Told by the worker when to end; a Ctrl-C in its terminal isn't for this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

/** What is opened once and stays open from video to video. */
interface Room {
  readonly config: Config;
  readonly store: Store;
  readonly workspace: Workspace;
  readonly sources: SourceCache;
  readonly checkpoints: Store;
  /** A model with its threads for these choices; kept until other ones come. */
  model(config: Config): Promise<{ readonly bundle: Bundle; readonly captioner: Captioner }>;
  close(): Promise<void>;
}

interface HeldModel {
  readonly name: string;
  readonly bundle: Bundle;
  readonly settings: CaptionerSettings;
  readonly captioner: Captioner;
}

async function open(config: Config): Promise<FromDescriber> {
  await programVersions(config, stop.signal);
  const store = await openStore(config.queue.store, config.storage);
  await store.check();
  const checkpoints = await checkpointStore(config.queue.store, config.storage);
  const workspace = await openWorkspace(config);
  const sources = new SourceCache(workspace, config);
  let held: HeldModel | null = null;
  const model = async (chosen: Config) => {
    const { model: name } = chosen.caption;
    const known = held?.name === name ? held : null;
    const bundle = known?.bundle ?? (await loadBundle(await findBundle(name, bundleFolder(chosen))));
    const settings = { ...captionerSettings(chosen, bundle), threads: threadsOf(chosen) };
    if (known && isDeepStrictEqual(known.settings, settings)) return known;
    await held?.captioner.close();
    held = null;
    held = { name, bundle, settings, captioner: await openCaptioner(bundle, settings) };
    return held;
  };
  const close = async () => {
    await held?.captioner.close();
    await sources.close(isBusy);
    await workspace.close();
  };
  room = { config, store, checkpoints, workspace, sources, model, close };
  await tellVitals(workspace);
  setInterval(() => tellVitals(workspace), VITALS_EVERY_MS).unref();
  const { bundle } = await model(config);
  return { kind: 'ready', model: `${bundle.manifest.name} ${bundle.manifest.version}` };
}

async function work(message: Extract<ToDescriber, { readonly task: unknown }>): Promise<FromDescriber> {
  if (room === null) throw new FramescribeError('INTERNAL', 'Expected to be opened first');
  stop = new AbortController();
  const { signal } = stop;
  const config = withJobOptions(room.config, message.task.options);
  const { workspace, sources } = room;
  const onAway = (reason: string) => say({ kind: 'trouble', reason: `waiting for the store: ${reason}` });
  const patience = { patienceMs: config.storage.patienceMs, signal, onAway };
  const [store, checkpoints] = [room.store, room.checkpoints].map((each) => patientStore(each, patience)) as [
    Store,
    Store,
  ];
  const { bundle, captioner } = await room.model(config);
  const onProgress = throttled((progress) => say({ kind: 'progress', progress }));
  using meter = new Meter();
  let videoMs = 0;
  isBusy = true;
  const onPicture = (file: string) => {
    // It's for people who wait: without it nothing is missing.
    previewOf(file).then(
      (jpeg) => say({ kind: 'preview', jpeg: jpeg.toString('base64') }),
      () => {},
    );
  };
  const context = { config, bundle, captioner, workspace, sources, signal, onProgress, onPicture, meter };
  const parts: PartsContext = { ...context, store, checkpoints, patience };
  try {
    const outcome = await outcomeOf(message, parts);
    if (outcome.kind === 'described') videoMs = outcome.result.durationMs;
    return outcome;
  } catch (error) {
    throw withoutPlaces(error, room.config.tempDir, message.task.source);
  } finally {
    isBusy = false;
    // What segments took was told by whoever made them.
    say({ kind: 'measured', measures: meter.own(), videoMs });
    await tellVitals(workspace);
  }
}

async function outcomeOf(
  message: Extract<ToDescriber, { readonly task: unknown }>,
  context: PartsContext,
): Promise<FromDescriber> {
  switch (message.kind) {
    case 'segment':
      await describePart(message.task, context);
      return { kind: 'kept' };
    case 'forget':
      await forgetPart(message.task, context);
      return { kind: 'forgotten' };
    case 'join':
      return joinParts(message.task, context);
    case 'describe':
      return message.task.flow
        ? { kind: 'described', result: await describeWhole(message.task, context) }
        : describeSource(message.task, context);
  }
}

async function tellVitals(workspace: Workspace): Promise<void> {
  const { own, children } = residentBytes();
  const { user, system } = process.cpuUsage();
  const vitals: Vitals = {
    memoryBytes: own,
    ffmpegMemoryBytes: children,
    cpuMs: Math.round((user + system) / 1000),
    ffmpegCpuMs: childCpuMs(),
    tempBytes: await workspace.usedBytes(),
  };
  say({ kind: 'vitals', vitals });
}

function answer(work: Promise<FromDescriber>): void {
  work.then(say, (error) => say(toFailed(error)));
}

function say(message: FromDescriber): void {
  // Whoever is gone hears nothing more; that must not end this process before it has cleaned up.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** Each new stage, and one word now and then in between. */
function throttled(tell: (progress: JobProgress) => void): (progress: JobProgress) => void {
  let stage = '';
  let toldAt = 0;
  return (progress) => {
    const now = performance.now();
    if (progress.stage === stage && now - toldAt < PROGRESS_EVERY_MS) return;
    stage = progress.stage;
    toldAt = now;
    tell(progress);
  };
}

/** Several videos at the same time share the processors. */
function threadsOf({ caption, queue }: Config): number {
  return caption.threads || Math.max(1, Math.floor(availableParallelism() / queue.concurrency));
}
