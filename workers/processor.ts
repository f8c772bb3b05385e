import { type Job, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';
import { FramescribeError } from '../src/domain/errors.ts';
import { writeFailure } from '../src/queue/failure.ts';
import { type Answers, JOB_RULES, type JobType, PAYLOADS, type Payload } from '../src/queue/jobs.ts';

/** Why the signal of a job aborts. */
export type StopReason = 'cancelled' | 'lock-lost' | 'worker-stops';

/** What a handler has at hand. */
export interface JobContext<Type extends JobType> {
  readonly id: string;
  readonly payload: Payload<Type>;
  readonly job: Job;
  readonly signal: AbortSignal;
  /** Lets go of the job until its children have ended; then its handler is called again. False where none are left. */
  readonly waitForChildren: () => Promise<boolean>;
}

/** A handler returns `LATER` once `waitForChildren` has let go of the job. */
export type Handler<Type extends JobType> = (context: JobContext<Type>) => Promise<Answers[Type] | typeof LATER>;

export const LATER = Symbol('later');

/** One handler for each type of job; a forgotten one doesn't compile. */
export type Handlers = { readonly [Type in JobType]: Handler<Type> };

/**
 * What BullMQ calls for a job: reads its payload, keeps its deadline, and says what its failure means: the end, a
 * further try, or back into the queue for another worker.
 */
export function processor<Type extends JobType>(type: Type, handler: Handler<Type>) {
  return async (job: Job, token: string | undefined, given: AbortSignal | undefined): Promise<Answers[Type]> => {
    const asked = given ?? new AbortController().signal;
    const deadline = AbortSignal.timeout(JOB_RULES[type].deadlineMs);
    try {
      const payload = readPayload(type, job.data);
      const waitForChildren = () => job.moveToWaitingChildren(token ?? '');
      const signal = AbortSignal.any([asked, deadline]);
      const answer = await handler({ id: job.id ?? '', payload, job, signal, waitForChildren });
      if (answer === LATER) throw new WaitingChildrenError();
      return answer;
    } catch (error) {
      if (error instanceof WaitingChildrenError) throw error;
      if (asked.reason === ('worker-stops' satisfies StopReason)) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      throw toThrow(meaningOf(error, asked, deadline, type));
    }
  };
}

/** A failure of something that had its own tries. */
export class FinalError extends FramescribeError {}

/** Whether a failure ends the job, or another try follows. */
export function isLast(error: FramescribeError, job: Job): boolean {
  return !isRetryable(error) || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}

function readPayload<Type extends JobType>(type: Type, data: unknown): Payload<Type> {
  const parsed = PAYLOADS[type].safeParse(data);
  if (parsed.success) return parsed.data;
  throw new FramescribeError('USAGE', `Expected the payload of a ${type} job: ${parsed.error.message}`);
}

export function meaningOf(error: unknown, asked: AbortSignal, deadline: AbortSignal, type: JobType): FramescribeError {
  if (asked.aborted) return new FramescribeError('CANCELLED', 'Stopped on request.', { cause: error });
  if (deadline.aborted) {
    const { deadlineMs } = JOB_RULES[type];
    return new FramescribeError('DEADLINE_EXCEEDED', `Expected a ${type} job to end within ${deadlineMs} ms`);
  }
  return FramescribeError.from(error);
}

function toThrow(error: FramescribeError): Error {
  const line = writeFailure(error);
  return isRetryable(error) ? new Error(line, { cause: error }) : new UnrecoverableError(line);
}

function isRetryable(error: FramescribeError): boolean {
  return error.kind.retryable && !(error instanceof FinalError);
}
