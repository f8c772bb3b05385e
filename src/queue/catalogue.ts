import { type Job, Queue } from 'bullmq';
import { type DescribeRequest, entryOf, type Kept } from './describe-entry.ts';
import { type Failure, readFailure } from './failure.ts';
import { type Described, PRIORITIES } from './jobs.ts';
import { createProducer, removeUntaken } from './producer.ts';
import { ask, connectProducer } from './redis.ts';
import { readResult } from './status.ts';

/** A video of the back catalogue, and when it was chosen: that tells its job from an older one of the same video. */
export type CatalogueRequest = Omit<DescribeRequest, 'priority' | 'callback'> & { readonly chosenMs: number };

/** What Redis knows of a job. */
export interface SeenJob {
  /** As its submitter said. */
  readonly chosenMs: number;
  /** Null while it waits or is under way. */
  readonly end:
    | { readonly kind: 'completed'; readonly result: Described; readonly endedMs: number }
    | { readonly kind: 'failed'; readonly failure: Failure; readonly endedMs: number }
    | null;
}

/** The back catalogue's side of the queue. Every call ends within a time, with QUEUE_UNAVAILABLE without Redis. */
export interface Catalogue extends AsyncDisposable {
  /** Back-catalogue jobs that wait for a worker or for another try, segments of long videos among them. */
  waiting(): Promise<number>;
  /** Adds jobs. One that waits or is under way stays as it is; one that has ended is forgotten, and begins anew. */
  submit(requests: readonly CatalogueRequest[]): Promise<void>;
  /** In the order of the ids; null for one that isn't remembered. */
  look(ids: readonly string[]): Promise<readonly (SeenJob | null)[]>;
  /** Takes those that wait out of the queue; the others go on. */
  withdraw(ids: readonly string[]): Promise<void>;
  /** Ends those too that are under way. */
  cancel(ids: readonly string[]): Promise<void>;
}

export interface CatalogueSettings extends Kept {
  readonly redis: string;
  readonly prefix: string;
  readonly answerMs: number;
}

/** Jobs that one call to Redis is about. */
const TOGETHER = 100;

export function openCatalogue(settings: CatalogueSettings): Catalogue {
  const { prefix, answerMs } = settings;
  const redis = connectProducer(settings.redis, answerMs);
  const producer = createProducer(settings);
  const queue = new Queue('describe', { connection: redis, prefix });
  queue.on('error', () => {}); // The calls fail; that is enough.
  const answer = <T>(question: () => Promise<T>) => ask(redis, answerMs, question);

  const inTurns = async <T, R>(items: readonly T[], work: (some: readonly T[]) => Promise<readonly R[]>) => {
    const all: R[] = [];
    for (let start = 0; start < items.length; start += TOGETHER) {
      all.push(...(await answer(() => work(items.slice(start, start + TOGETHER)))));
    }
    return all;
  };
  const jobsOf = (ids: readonly string[]) =>
    inTurns(ids, (some) => Promise.all(some.map(async (id) => (await queue.getJob(id)) ?? null)));

  return {
    waiting: () =>
      answer(async () => {
        const [waiting, { delayed = 0 }] = await Promise.all([
          queue.getCountsPerPriority([PRIORITIES['back-catalogue']]),
          queue.getJobCounts('delayed'),
        ]);
        return Object.values(waiting).reduce((sum, count) => sum + count, 0) + delayed;
      }),
    submit: async (requests) => {
      const entries = requests.map(({ chosenMs, ...request }) => {
        const entry = entryOf({ ...request, priority: 'back-catalogue' }, settings);
        return { ...entry, opts: { ...entry.opts, timestamp: chosenMs } };
      });
      const older = await jobsOf(entries.map(({ opts }) => opts.jobId));
      await inTurns(
        older.filter((job) => job?.finishedOn !== undefined),
        (ended) => Promise.all(ended.map((job) => job?.remove().catch(() => {}))),
      );
      await inTurns(entries, (some) => queue.addBulk([...some]));
    },
    look: async (ids) => (await jobsOf(ids)).map((job) => job && seen(job)),
    withdraw: async (ids) => {
      await inTurns(await jobsOf(ids), (jobs) =>
        Promise.all(jobs.map((job) => (job && job.finishedOn === undefined ? removeUntaken(job) : false))),
      );
    },
    cancel: async (ids) => {
      for (const id of ids) {
        await producer.cancel(id).catch((error) => {
          if (error.code !== 'JOB_NOT_FOUND') throw error;
        });
      }
    },
    [Symbol.asyncDispose]: async () => {
      await queue.close().catch(() => {});
      redis.disconnect();
      await producer.close();
    },
  };
}

function seen(job: Job): SeenJob {
  const { timestamp: chosenMs, finishedOn: endedMs, returnvalue, failedReason } = job;
  if (endedMs === undefined) return { chosenMs, end: null };
  const result = readResult(returnvalue);
  if (result !== null) return { chosenMs, end: { kind: 'completed', result, endedMs } };
  return { chosenMs, end: { kind: 'failed', failure: readFailure(failedReason ?? ''), endedMs } };
}
