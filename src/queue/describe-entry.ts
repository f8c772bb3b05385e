import type { JobsOptions } from 'bullmq';
import { z } from 'zod';
import { FramescribeError } from '../domain/errors.ts';
import { describeId } from './job-id.ts';
import {
  callback,
  describePayload,
  jobOptions,
  labels,
  type Payload,
  PRIORITIES,
  priority,
  source,
  triesOf,
} from './jobs.ts';

const describeRequest = z.strictObject({
  source,
  version: z.string().max(256).optional(),
  priority: priority.default('upload'),
  labels: labels.default({}),
  callback: callback.optional(),
  options: jobOptions.default({}),
});

/** What to describe: `source` is all that has to be said. */
export type DescribeRequest = Readonly<z.input<typeof describeRequest>>;

/** Ended jobs that Redis remembers. */
export interface Kept {
  readonly keepCompleted: number;
  readonly keepFailed: number;
}

/** A job as BullMQ adds it. */
export interface DescribeEntry {
  readonly name: 'describe';
  readonly data: Payload<'describe'>;
  readonly opts: JobsOptions & { readonly jobId: string };
}

/**
 * @throws {FramescribeError} USAGE: the request isn't one.
 */
export function entryOf(request: DescribeRequest, { keepCompleted, keepFailed }: Kept): DescribeEntry {
  const { priority, ...data } = readRequest(request);
  const opts = {
    jobId: describeId(data.source, data.version, data.options),
    priority: PRIORITIES[priority],
    ...triesOf('describe'),
    removeOnComplete: keepCompleted,
    removeOnFail: keepFailed,
  };
  return { name: 'describe', data: describePayload.parse(data), opts };
}

function readRequest(request: DescribeRequest): z.output<typeof describeRequest> {
  const parsed = describeRequest.safeParse(request);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`);
  throw new FramescribeError('USAGE', `Expected something to describe, but ${problems.join('; ')}`);
}
