import { Job, type Processor, Queue, UnrecoverableError, type Worker } from 'bullmq';
import type { Config } from '../src/domain/config.ts';
import { redactor } from '../src/observe/redact.ts';
import { secretsOf } from '../src/observe/secrets.ts';
import { announceSegmentStop, hearCancels } from '../src/queue/cancel.ts';
import { type Failure, readFailure } from '../src/queue/failure.ts';
import { describePayload, JOB_RULES, type JobType, type QueueName } from '../src/queue/jobs.ts';
import { previewWriter } from '../src/queue/previews.ts';
import { connectWorker, redisUrl } from '../src/queue/redis.ts';
import { segmentProgress } from '../src/queue/segment-progress.ts';
import { queueTelemetry } from '../src/queue/telemetry.ts';
import { workerName } from '../src/queue/worker-name.ts';
import { setConcurrency } from './concurrency.ts';
import { announce, describeHandler, type Tools } from './describe.ts';
import { Describers, type DescriberWord } from './describer.ts';
import { EnduringWorker } from './enduring-worker.ts';
import { pauseUntilRoom } from './full-disk.ts';
import { factsOf, type JobFacts } from './job-facts.ts';
import { notifyHandler } from './notify.ts';
import { type Handlers, processor, type StopReason } from './processor.ts';
import { segmentHandler } from './segment.ts';

/** Something that a worker did, for a log. */
export type WorkerEvent =
  | ({ readonly kind: 'completed' | 'taken' } & JobFacts)
  | ({ readonly kind: 'failed'; readonly failure: Failure; readonly isLast: boolean } & JobFacts)
  | { readonly kind: 'stalled' | 'lock-lost' | 'computing'; readonly type: JobType; readonly id: string }
  | DescriberWord;

export interface RunningWorker extends AsyncDisposable {
  /** The model that is used where a job names none. */
  readonly model: string;
  /** Jobs at hand. */
  readonly running: number;
  /** Videos at the same time; may be changed while it runs. */
  concurrency: number;
  /** Takes no more jobs, finishes those at hand or hands them back after `queue.graceMs`, and ends its processes. */
  stop(): Promise<void>;
}

/** Callbacks wait for others most of the time. */
const NOTIFY_CONCURRENCY = 20;
const CANCEL_AGAIN_MS = 300;
/** A Redis that is away when a worker stops may keep it for this long. */
const RECONNECT_MS = 3_000;
const CLOSE_MS = 3_000;

/**
 * Starts to take jobs. Describing happens in processes of their own: this one holds the jobs' locks and does nothing
 * that takes time.
 *
 * @throws {FramescribeError} what keeps it from describing anything: no FFmpeg, no model, no store.
 */
export async function startWorker(config: Config, onEvent: (event: WorkerEvent) => void): Promise<RunningWorker> {
  const describers = new Describers(config, onEvent);
  const { model } = await describers.warm();
  const { prefix, lockMs, concurrency, graceMs } = config.queue;
  const connection = connectWorker(redisUrl(config.queue));
  const { redis } = connection;
  const tracing = config.observe.tracing ? { telemetry: queueTelemetry(redactor(secretsOf(config, {}))) } : {};
  const notify = new Queue('notify', { connection: redis, prefix, ...tracing });
  notify.on('error', () => {}); // The workers tell.
  const videos = new Queue('describe', { connection: redis, prefix, ...tracing });
  videos.on('error', () => {});
  const tools: Tools = {
    ...{
      describers,
      config,
      videos,
      notify,
      progress: segmentProgress(redis, prefix),
      previews: previewWriter(redis, prefix),
    },
    stopSegments: (video) => announceSegmentStop(redis, prefix, video),
    onComputing: (id) => onEvent({ kind: 'computing', type: 'segment', id }),
  };
  const handlers: Handlers = {
    describe: describeHandler(tools),
    segment: segmentHandler(tools),
    notify: notifyHandler(config),
  };
  const processors: Readonly<Record<JobType, Processor>> = {
    describe: processor('describe', handlers.describe),
    segment: processor('segment', handlers.segment),
    notify: processor('notify', handlers.notify),
  };

  const stopped = new AbortController();
  /** Each job at hand, with the video that it works for. */
  const running = new Map<string, string>();
  const startOne = (queue: QueueName, atOnce: number): Worker => {
    const run: Processor = async (job, token, signal) => {
      const { id = '', parent } = job;
      running.set(id, parent?.id ?? id);
      try {
        return await processors[typeOf(job)](job, token, signal);
      } catch (error) {
        // Before BullMQ hears of the failure, as it takes the next job in the same step.
        if (readFailure(String((error as Error).message)).code === 'DISK_FULL') await holdOff(worker);
        throw error;
      } finally {
        running.delete(id);
      }
    };
    const worker = new EnduringWorker(queue, run, {
      connection: redis,
      prefix,
      name: workerName(config.queue),
      concurrency: atOnce,
      lockDuration: lockMs,
      maxStalledCount: JOB_RULES[queue].deaths,
      ...tracing,
    });
    worker.on('active', (job) => onEvent({ kind: 'taken', ...factsOf(typeOf(job), job) }));
    worker.on('completed', (job) => onEvent({ kind: 'completed', ...factsOf(typeOf(job), job) }));
    worker.on('failed', (job, { message }) => {
      if (job === undefined) return;
      const isLast = job.finishedOn !== undefined;
      onEvent({ kind: 'failed', failure: readFailure(message), isLast, ...factsOf(typeOf(job), job) });
    });
    worker.on('stalled', (id) => onEvent({ kind: 'stalled', type: typeOfId(queue, id), id }));
    worker.on('error', ({ message }) => onEvent({ kind: 'trouble', reason: message }));
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) {
        onEvent({ kind: 'lock-lost', type: typeOfId(queue, id), id });
        worker.cancelJob(id, 'lock-lost' satisfies StopReason);
      }
    });
    return worker;
  };
  const holdOff = async (worker: Worker) => {
    onEvent({ kind: 'trouble', reason: 'no room for temporary files: taking no jobs until there is some' });
    await pauseUntilRoom(worker, config, stopped.signal);
  };
  const describing = startOne('describe', concurrency);
  const notifying = startOne('notify', NOTIFY_CONCURRENCY);
  const workers = [describing, notifying];
  // A job that kills its workers is ended by BullMQ itself, past the handler.
  describing.on('failed', async (job, { message }) => {
    const { code } = readFailure(message);
    if (job === undefined || job.name !== 'describe' || code !== 'WORKER_LOST') return;
    const payload = describePayload.parse(job.data);
    await announce({ id: job.id ?? '', payload, job }, { kind: 'failed', code, message }, notify, config);
  });
  const cancel = (video: string, onlySegments: boolean) => {
    for (const [id, of] of running) {
      if (of === video && !(onlySegments && id === video)) describing.cancelJob(id, 'cancelled' satisfies StopReason);
    }
  };
  const cancelIfMarked = async (video: string) => {
    const { cancelled, flow } = describePayload.safeParse((await Job.fromId(videos, video))?.data).data ?? {};
    if (cancelled || flow?.whole) cancel(video, !cancelled);
  };
  const cancels = hearCancels(
    redis,
    prefix,
    (video, onlySegments) => {
      cancel(video, onlySegments);
      // It may be on its way from Redis to the handler.
      setTimeout(() => cancelIfMarked(video).catch(() => {}), CANCEL_AGAIN_MS).unref();
    },
    async () => {
      for (const video of new Set(running.values())) await cancelIfMarked(video);
    },
  );

  let stopping: Promise<void> | null = null;
  const stop = async () => {
    const handBack = () => {
      for (const worker of workers) worker.cancelAllJobs('worker-stops' satisfies StopReason);
    };
    const grace = setTimeout(handBack, graceMs);
    stopped.abort();
    await Promise.all(workers.map((worker) => worker.pause(true)));
    await connection.untilReady(RECONNECT_MS);
    const closed = Promise.all(workers.map((worker) => worker.close()));
    await Promise.race([closed, untilEmpty(running, graceMs).then(() => after(CLOSE_MS))]);
    clearTimeout(grace);
    await cancels[Symbol.asyncDispose]();
    await describers.close();
    await Promise.race([Promise.all([notify.close(), videos.close()]), after(CLOSE_MS)]);
    connection.disconnect();
  };
  const stopOnce = () => (stopping ??= stop());
  return {
    model,
    get running() {
      return running.size;
    },
    get concurrency() {
      return describing.concurrency;
    },
    set concurrency(videos) {
      setConcurrency(describing, videos);
    },
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

/** A job's name is its type. */
function typeOf({ name }: Job): JobType {
  if (Object.hasOwn(JOB_RULES, name)) return name as JobType;
  throw new UnrecoverableError(`USAGE: Expected a job of a known type, got ${name}`);
}

/** Where a job itself isn't at hand: a segment's id is its video's and two numbers. */
function typeOfId(queue: QueueName, id: string): JobType {
  return queue === 'describe' && /-\d+-\d+$/.test(id) ? 'segment' : queue;
}

async function untilEmpty(set: { readonly size: number }, withinMs: number): Promise<void> {
  const over = AbortSignal.timeout(withinMs);
  while (set.size > 0 && !over.aborted) await after(50);
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
