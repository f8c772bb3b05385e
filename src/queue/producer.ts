import { type Job, Queue, type QueueEvents } from 'bullmq';
import { FramescribeError } from '../domain/errors.ts';
import { redactor } from '../observe/redact.ts';
import { passwordsOf } from '../observe/secrets.ts';
import { announceCancel } from './cancel.ts';
import { type DescribeRequest, entryOf } from './describe-entry.ts';
import { type JobEvent, openEvents, watch } from './events.ts';
import { type Described, describePayload } from './jobs.ts';
import { ask, connectProducer } from './redis.ts';
import { type JobState, type JobStatus, statusOf } from './status.ts';
import { queueTelemetry } from './telemetry.ts';

export interface ProducerSettings {
  /** URL of the Redis server. */
  readonly redis: string;
  /** What the keys in Redis begin with; workers have the same. */
  readonly prefix?: string;
  /** The longest wait for one answer of Redis. */
  readonly answerMs?: number;
  /** Ended jobs that Redis remembers. */
  readonly keepCompleted?: number;
  readonly keepFailed?: number;
  /** Spans through the OpenTelemetry API: for applications that have set up an SDK for it. */
  readonly tracing?: boolean;
}

/**
 * Gives videos to the workers and tells what becomes of them.
 *
 * Every call but `events` ends within `answerMs`, with QUEUE_UNAVAILABLE where Redis doesn't answer.
 */
export interface Producer extends AsyncDisposable {
  /**
   * Submits a video. The same source, version and options are the same job: submitted again, it is told as it stands,
   * whatever has become of it.
   *
   * @throws {FramescribeError} USAGE: the request isn't one. QUEUE_UNAVAILABLE.
   */
  describe(request: DescribeRequest): Promise<JobStatus>;
  /** Submits many at once; tells their ids in the same order. */
  describeMany(requests: readonly DescribeRequest[]): Promise<readonly string[]>;
  /** @throws {FramescribeError} JOB_NOT_FOUND: never submitted, cancelled while it waited, or ended long ago. */
  status(id: string): Promise<JobStatus>;
  /** How many jobs there are in each state. A cancelled job counts as failed; a segment of a long video is a job too. */
  counts(): Promise<Readonly<Record<Exclude<JobState, 'cancelled'>, number>>>;
  /**
   * Where the result is; null while there is none yet.
   *
   * @throws {FramescribeError} JOB_NOT_FOUND, or why there will be none.
   */
  result(id: string): Promise<Described | null>;
  /**
   * Ends a job: one that waits is forgotten, one that runs is stopped within about a second. Tells whether there was
   * anything to end.
   */
  cancel(id: string): Promise<boolean>;
  /** Gives a failed or cancelled job all its tries again; any other stays as it is. */
  retry(id: string): Promise<JobStatus>;
  /** Forgets a job that waits or has ended. Tells false where it's at hand: it has to be cancelled first. */
  forget(id: string): Promise<boolean>;
  /** What happens to a job from now on, until its end. Outlasts a Redis that is away for a while. */
  events(id: string, signal?: AbortSignal): AsyncIterable<JobEvent>;
  close(): Promise<void>;
}

/**
 * @example
 * await using producer = createProducer({ redis: 'redis://127.0.0.1:6379' });
 * const { id } = await producer.describe({ source: 's3://uploads/clip.mp4', labels: { user: '17' } });
 * for await (const event of producer.events(id)) console.log(event);
 */
export function createProducer(settings: ProducerSettings): Producer {
  const { prefix = 'framescribe', answerMs = 3_000, keepCompleted = 1_000, keepFailed = 5_000 } = settings;
  const redis = connectProducer(settings.redis, answerMs);
  const telemetry = settings.tracing ? { telemetry: queueTelemetry(redactor(passwordsOf(settings.redis))) } : {};
  const queue = new Queue('describe', { connection: redis, prefix, ...telemetry });
  queue.on('error', () => {}); // The calls fail; that is enough.
  const kept = { keepCompleted, keepFailed };
  let opened: Promise<QueueEvents> | null = null;

  const answer = <T>(question: () => Promise<T>) => ask(redis, answerMs, question);
  const jobOf = async (id: string): Promise<Job> => {
    const job = await queue.getJob(id);
    if (job) return job;
    throw new FramescribeError('JOB_NOT_FOUND', `Expected the id of a job that is remembered, got ${id}`);
  };
  const status = (id: string) =>
    answer(async () => {
      let [job, state] = [await jobOf(id), await queue.getJobState(id)];
      // A job that ended between the two questions is asked for once more: now it has its result.
      if (isEnd(state) && job.finishedOn === undefined) [job, state] = [await jobOf(id), await queue.getJobState(id)];
      return statusOf(job, state);
    });

  async function* events(id: string, signal?: AbortSignal): AsyncGenerator<JobEvent> {
    opened ??= answer(() => openEvents(redis, queue.name, prefix)).catch((error) => {
      opened = null;
      throw error;
    });
    yield* watch(await opened, id, () => status(id), signal);
  }

  const close = async () => {
    await (await opened?.catch(() => null))?.close();
    await queue.close().catch(() => {});
    redis.disconnect();
  };

  return {
    status,
    events,
    close,
    [Symbol.asyncDispose]: close,
    describe: async (request) => {
      const { name, data, opts } = entryOf(request, kept);
      const { id = '' } = await answer(() => queue.add(name, data, opts));
      return status(id);
    },
    describeMany: async (requests) => {
      const entries = requests.map((request) => entryOf(request, kept));
      for (let start = 0; start < entries.length; start += ADDED_AT_ONCE) {
        await answer(() => queue.addBulk(entries.slice(start, start + ADDED_AT_ONCE)));
      }
      return entries.map(({ opts }) => opts.jobId);
    },
    counts: () =>
      answer(async () => {
        const counts = await queue.getJobCounts(...COUNTED);
        const of = (state: (typeof COUNTED)[number]) => counts[state] ?? 0;
        return {
          waiting: of('waiting') + of('prioritized'),
          active: of('active') + of('waiting-children'),
          ...{ delayed: of('delayed'), completed: of('completed'), failed: of('failed') },
        };
      }),
    result: async (id) => {
      const { result, state, failure } = await status(id);
      if (failure && (state === 'failed' || state === 'cancelled')) {
        throw new FramescribeError(failure.code, failure.message);
      }
      return result;
    },
    cancel: (id) =>
      answer(async () => {
        const job = await jobOf(id);
        if (isEnd(await job.getState())) return false;
        if (await removeUntaken(job)) return true;
        await job.updateData({ ...describePayload.parse(job.data), cancelled: true });
        await announceCancel(redis, prefix, id);
        // Without segments that wait, and those at hand being stopped, a worker takes the job up and ends it.
        await job.removeUnprocessedChildren();
        return true;
      }),
    forget: (id) =>
      answer(async () => {
        const job = await queue.getJob(id);
        return !job || removeUntaken(job);
      }),
    retry: async (id) => {
      await answer(async () => {
        const job = await jobOf(id);
        if (!(await job.isFailed())) return;
        const { cancelled: _, flow, ...data } = describePayload.parse(job.data);
        // What segments failed of before is forgotten with their round; those that are in the store stay.
        await job.updateData({ ...data, ...(flow && { flow: { ...flow, round: flow.round + 1 } }) });
        await job.retry('failed', { resetAttemptsMade: true });
      });
      return status(id);
    },
  };
}

const ADDED_AT_ONCE = 500;
const COUNTED = ['waiting', 'prioritized', 'active', 'waiting-children', 'delayed', 'completed', 'failed'] as const;

function isEnd(state: string): boolean {
  return state === 'completed' || state === 'failed';
}

/** Forgets a job that no worker has at hand; false where one has. */
export async function removeUntaken(job: Job): Promise<boolean> {
  if (['active', 'waiting-children'].includes(await job.getState())) return false;
  return job.remove().then(
    () => true,
    (error: Error) => {
      if (/locked/.test(error.message)) return false;
      throw error;
    },
  );
}
