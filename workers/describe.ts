import type { JobsOptions, Queue } from 'bullmq';
import type { Config } from '../src/domain/config.ts';
import { FramescribeError } from '../src/domain/errors.ts';
import { JOB_RULES, type JobProgress, notifyPayload, type Outcome } from '../src/queue/jobs.ts';
import type { Describers } from './describer.ts';
import { type Handler, isLast, type JobContext } from './processor.ts';

/**
 * Describes a video in a process of its own, passes its progress on, and at the job's end puts a `notify` job into its
 * queue where somebody wants to be called. That happens before the end is told to Redis: a worker that dies in between
 * leads to a second call, never to none.
 */
export function describeHandler(describers: Describers, notify: Queue, config: Config): Handler<'describe'> {
  return async (context) => {
    const { id, payload, job, signal } = context;
    try {
      if (payload.cancelled) throw new FramescribeError('CANCELLED', 'It was cancelled before a worker took it up.');
      const { source, options } = payload;
      const report = new ProgressReport((progress) => job.updateProgress(progress));
      const result = await describers.use((describer) =>
        describer.describe({ id, source, options }, { signal, onProgress: (progress) => report.tell(progress) }),
      );
      await report.settled();
      await announce(context, { kind: 'completed', result }, notify, config);
      return result;
    } catch (error) {
      const known = FramescribeError.from(error);
      const { code, message } = known;
      // Whoever cancels knows; a job that lost its lock or goes back has not ended.
      if (!signal.aborted && code !== 'CANCELLED' && isLast(known, job)) {
        await announce(context, { kind: 'failed', code, message }, notify, config);
      }
      throw error;
    }
  };
}

/** Passes the newest progress on, one write at a time: what comes meanwhile is overtaken by what comes later. */
class ProgressReport {
  readonly #write: (progress: JobProgress) => Promise<void>;
  #next: JobProgress | null = null;
  #writing: Promise<void> | null = null;

  constructor(write: (progress: JobProgress) => Promise<void>) {
    this.#write = write;
  }

  tell(progress: JobProgress): void {
    this.#next = progress;
    this.#writing ??= this.#drain();
  }

  async settled(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    for (let next = this.#next; next !== null; next = this.#next) {
      this.#next = null;
      await this.#write(next).catch(() => {}); // The next one may get through, and the result doesn't need it.
    }
    this.#writing = null;
  }
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
  const { attempts, backoffMs } = JOB_RULES.notify;
  const options: JobsOptions = {
    // One call for each end, also where a second worker comes to the same one.
    jobId: `${id}-${job.timestamp}-${outcome.kind === 'completed' ? outcome.kind : `failed-${job.attemptsStarted}`}`,
    attempts,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    removeOnComplete: queue.keepCompleted,
    removeOnFail: queue.keepFailed,
  };
  await notify.add('notify', data, options);
}
