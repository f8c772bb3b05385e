import type { JobsOptions, Queue } from 'bullmq';
import type { Config } from '../src/domain/config.ts';
import { FramescribeError } from '../src/domain/errors.ts';
import { addSegments, dropSegments, segmentFailure } from '../src/queue/children.ts';
import { resultNameOf } from '../src/queue/job-id.ts';
import { type Described, type Flow, notifyPayload, type Outcome, triesOf } from '../src/queue/jobs.ts';
import type { PreviewWriter } from '../src/queue/previews.ts';
import type { SegmentProgress } from '../src/queue/segment-progress.ts';
import type { JoinOutcome } from './describe-parts.ts';
import type { DescribeOutcome } from './describe-source.ts';
import type { AskOptions, Describers } from './describer.ts';
import { FinalError, type Handler, isLast, type JobContext, LATER, type StopReason } from './processor.ts';
import { ProgressReport } from './progress-report.ts';

/** What handlers have at hand beside their jobs. */
export interface Tools {
  readonly describers: Describers;
  readonly config: Config;
  /** The queue of videos and their segments. */
  readonly videos: Queue;
  readonly notify: Queue;
  readonly progress: SegmentProgress;
  readonly previews: PreviewWriter;
  /** Stops the segments of a video that are at hand, wherever. */
  readonly stopSegments: (video: string) => Promise<void>;
  /** Hears of each segment of which the first frame is decoded here, by its job. */
  readonly onComputing: (id: string) => void;
}

/**
 * Describes a video in a process of its own, and passes its progress on. One that is to be cut is let go of until its
 * segments are there; then it's taken up again to be joined. At the job's end a `notify` job goes into its queue where
 * somebody wants to be called, before the end is told to Redis: a worker that dies in between leads to a second call,
 * never to none.
 */
export function describeHandler(tools: Tools): Handler<'describe'> {
  const { notify, config } = tools;
  return async (context) => {
    const { payload, job, signal } = context;
    try {
      if (payload.cancelled) throw new FramescribeError('CANCELLED', 'It was cancelled before a worker took it up.');
      const result = await advance(context, tools);
      if (result === LATER) return LATER;
      await tools.progress.forget(context.id);
      await tools.previews.forget(context.id);
      await announce(context, { kind: 'completed', result }, notify, config);
      return result;
    } catch (error) {
      const known = FramescribeError.from(error);
      const { code, message } = known;
      if (payload.cancelled || signal.reason === ('cancelled' satisfies StopReason)) {
        await drop(context, tools).catch(() => {});
      }
      // Whoever cancels knows; a job that lost its lock or goes back has not ended.
      if (!signal.aborted && code !== 'CANCELLED' && isLast(known, job)) {
        await announce(context, { kind: 'failed', code, message }, notify, config);
      }
      throw error;
    }
  };
}

/** Goes on with a video from where its job's data says that it is. */
async function advance(context: JobContext<'describe'>, tools: Tools): Promise<Described | typeof LATER> {
  const { id, payload, job, signal, waitForChildren } = context;
  const { describers, videos } = tools;
  const { source, version, options, labels } = payload;
  const name = resultNameOf(source, version, options);
  let { flow } = payload;
  const note = (next: Flow) => {
    flow = next;
    return job.updateData({ ...payload, flow });
  };
  const report = new ProgressReport((progress) => job.updateProgress(progress));
  const asked: AskOptions = {
    signal,
    onProgress: (progress) => report.tell(progress),
    onPreview: (jpeg) => void tools.previews.put(id, jpeg).catch(() => {}),
  };
  for (;;) {
    signal.throwIfAborted();
    if (flow && !flow.whole) {
      const failure = await segmentFailure(job, flow);
      if (failure) {
        await drop(context, tools);
        if (failure.code !== 'SEGMENT_UNFIT') throw new FinalError(failure.code, failure.message);
        await note({ ...flow, whole: true });
      }
    }
    const task = { id, name, source, options, labels, ...(flow && { flow }) };
    const outcome = await describers.use<DescribeOutcome | JoinOutcome>((describer) =>
      flow && !flow.whole ? describer.join(task, asked) : describer.describe(task, asked),
    );
    await report.settled();
    if (outcome.kind === 'described') return outcome.result;
    if (outcome.kind === 'cut') {
      const { plan, reaches, replaces, machine } = outcome;
      await note({ plan, reaches: reaches === null ? null : [...reaches], replaces, machine, round: 0 });
    } else if (flow && outcome.kind === 'unfit') await note({ ...flow, whole: true });
    else if (flow && outcome.kind === 'missing') {
      await addSegments(videos, job, payload, flow, outcome.segments);
      signal.throwIfAborted();
      if (await waitForChildren()) return LATER;
    }
  }
}

/** Ends what was begun of a video in segments: those that wait and those at hand. */
async function drop({ id, job }: JobContext<'describe'>, { videos, stopSegments }: Tools): Promise<void> {
  await dropSegments(videos, job);
  await stopSegments(id);
}

/** Puts a `notify` job into its queue where the submitter wants to be called. */
export async function announce(
  { id, payload, job }: Pick<JobContext<'describe'>, 'id' | 'payload' | 'job'>,
  outcome: Outcome,
  notify: Queue,
  { queue }: Config,
): Promise<void> {
  const { callback, source, labels } = payload;
  if (callback === undefined) return;
  const data = notifyPayload.parse({ url: callback.url, job: id, source, labels, endedMs: Date.now(), outcome });
  const options: JobsOptions = {
    // One call for each end, also where a second worker comes to the same one.
    jobId: `${id}-${job.timestamp}-${outcome.kind === 'completed' ? outcome.kind : `failed-${job.attemptsStarted}`}`,
    ...triesOf('notify'),
    removeOnComplete: queue.keepCompleted,
    removeOnFail: queue.keepFailed,
  };
  await notify.add('notify', data, options);
}
