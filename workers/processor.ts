import { type Job, UnrecoverableError, WaitingError } from 'bullmq';
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
}

export type Handler<Type extends JobType> = (context: JobContext<Type>) => Promise<Answers[Type]>;

/** One handler for each type of job; a forgotten one doesn't compile. */
export type Handlers = { readonly [Type in JobType]: Handler<Type> };

/**
 * What BullMQ calls for a job: reads its payload, keeps its deadline, and says what its failure means: the end, a
 * further try, or back into the queue for another worker.
 */
export function processor<Type extends JobType>(type: Type, handler: Handler<Type>) {
  return async (job: Job, token: string | undefined, signal: AbortSignal | undefined): Promise<Answers[Type]> => {
    const asked = signal ?? new AbortController().signal;
    const deadline = AbortSignal.timeout(JOB_RULES[type].deadlineMs);
    try {
      const payload = readPayload(type, job.data);
      return await handler({ id: job.id ?? '', payload, job, signal: AbortSignal.any([asked, deadline]) });
    } catch (error) {
      if (asked.reason === ('worker-stops' satisfies StopReason)) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      throw toThrow(meaningOf(error, asked, deadline, type));
    }
  };
}

/** Whether a failure ends the job, or another try follows. */
export function isLast(error: FramescribeError, job: Job): boolean {
  return !error.kind.retryable || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
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
  return error.kind.retryable ? new Error(line, { cause: error }) : new UnrecoverableError(line);
}
