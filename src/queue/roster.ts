import { type Job, Queue } from 'bullmq';
import { isVideoId } from './job-id.ts';
import { ask, connectProducer } from './redis.ts';
import { type JobStatus, statusOf } from './status.ts';

/** Reads the jobs of videos that Redis knows of. */
export interface Roster extends AsyncDisposable {
  /**
   * Those at work first, then those that wait, in their turn, then those that have ended, newest first.
   *
   * @param most of all together.
   * @throws {FramescribeError} QUEUE_UNAVAILABLE
   */
  jobs(most: number): AsyncIterable<JobStatus>;
}

const AT_ONCE = 250;
/** BullMQ's words, each with whether the oldest comes first. */
const LISTS = [
  ['active', true],
  ['waiting-children', true],
  ['wait', true],
  ['prioritized', true],
  ['delayed', true],
  ['failed', false],
  ['completed', false],
] as const;

export function openRoster(url: string, prefix: string, answerMs: number): Roster {
  const redis = connectProducer(url, answerMs);
  const queue = new Queue('describe', { connection: redis, prefix });
  queue.on('error', () => {}); // The reading fails; that is enough.
  return {
    jobs: async function* (most) {
      let left = most;
      for (const [list, isAscending] of LISTS) {
        for (let start = 0; left > 0; start += AT_ONCE) {
          const page = await ask(redis, answerMs, () => queue.getJobs([list], start, start + AT_ONCE - 1, isAscending));
          for (const job of page) {
            if (left <= 0 || !isOfVideo(job)) continue;
            left--;
            yield statusOf(job, list === 'wait' ? 'waiting' : list);
          }
          if (page.length < AT_ONCE) break;
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      await queue.close().catch(() => {});
      redis.disconnect();
    },
  };
}

/** A job that ended between the two steps of a page is missing there. */
function isOfVideo(job: Job | undefined): job is Job {
  return job !== undefined && job !== null && job.name === 'describe' && isVideoId(job.id ?? '');
}
