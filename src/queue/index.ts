/** What an application imports: `import { createProducer } from 'framescribe/queue'`. Loads no codec and no model. */
export { ERROR_KINDS, type ErrorCode, type ErrorKind, FramescribeError } from '../domain/errors.ts';
export { type ReceivedWebhook, type VerifyOptions, verifyWebhook } from '../notify/webhook-signature.ts';
export type { DescribeRequest } from './describe-entry.ts';
export type { JobEvent } from './events.ts';
export type { Failure } from './failure.ts';
export type { Described, JobOptions, JobProgress, Priority } from './jobs.ts';
export { createOperator, type Operator, type OperatorSettings, type Overview } from './overview.ts';
export { createProducer, type Producer, type ProducerSettings } from './producer.ts';
export type { JobState, JobStatus } from './status.ts';
