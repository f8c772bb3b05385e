import type { JobsOptions } from 'bullmq';
import { z } from 'zod';
import { scanMode } from '../domain/scan-plan.ts';
import { plan, reach } from '../pipeline/plan.ts';
import type { Format } from '../render/render.ts';

/**
 * What workers do. `describe` takes a video from its source to its result; of a long one it leaves the segments to
 * `segment` jobs, its children, and joins them. `notify` tells the application.
 */
export type JobType = 'describe' | 'segment' | 'notify';

/** Jobs of one queue share what a worker does at the same time. */
export type QueueName = 'describe' | 'notify';

export interface JobRules {
  readonly queue: QueueName;
  /** Tries in all, the first one included. Errors that a retry can't mend end the job at once. */
  readonly attempts: number;
  /** Before the second try; doubles with each further one, and up to half of it is left to chance. */
  readonly backoffMs: number;
  /** For one try. */
  readonly deadlineMs: number;
  /** How often a job may be taken from workers that died over it. */
  readonly deaths: number;
}

/** How each type of job is treated. */
export const JOB_RULES: Readonly<Record<JobType, JobRules>> = {
  describe: { queue: 'describe', attempts: 4, backoffMs: 4_000, deadlineMs: 24 * 3_600_000, deaths: 2 },
  segment: { queue: 'describe', attempts: 4, backoffMs: 4_000, deadlineMs: 6 * 3_600_000, deaths: 2 },
  notify: { queue: 'notify', attempts: 8, backoffMs: 5_000, deadlineMs: 120_000, deaths: 5 },
};

/** A type's tries, as BullMQ takes them. */
export function triesOf(type: JobType): Pick<JobsOptions, 'attempts' | 'backoff'> {
  const { attempts, backoffMs } = JOB_RULES[type];
  return { attempts, backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 } };
}

/** What goes first: a lower number; 0 is a plain list, which costs Redis the least. */
export const PRIORITIES = { upload: 0, 'back-catalogue': 10 } as const;
export type Priority = keyof typeof PRIORITIES;
export const priority = z.enum(Object.keys(PRIORITIES) as [Priority, ...Priority[]]);

// A record, so that a new format can't be forgotten here; a type, so that no renderer is loaded.
const FORMATS: Readonly<Record<Format, true>> = { vtt: true, md: true, csv: true, storyboard: true, html: true };

/** Choices that shape a result. What isn't chosen, the worker's configuration decides. */
export const jobOptions = z.strictObject({
  /** The name of a bundle that the workers have. */
  model: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
    .optional(),
  formats: z.array(z.enum(Object.keys(FORMATS) as [Format, ...Format[]])).optional(),
  windowMs: z.int().min(1000).max(600_000).optional(),
  maxKeyframes: z.int().min(1).max(1_000_000).optional(),
  beam: z.int().min(1).max(16).optional(),
  nBest: z.int().min(1).max(16).optional(),
  attention: z.boolean().optional(),
  scan: scanMode.optional(),
});

/** `https://…`, `s3://bucket/key`, or an absolute path on the worker's machine. Job data is clear text: nothing secret. */
export const source = z
  .string()
  .max(4096)
  .refine(isAddress, 'Expected https://…, s3://bucket/key or an absolute path')
  .refine(
    (text) => !holdsSecret(text),
    'Expected an address without password or signature: workers have their own keys',
  );

export const callback = z.strictObject({
  url: z
    .string()
    .max(2048)
    .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'Expected a URL')
    .refine((text) => !holdsSecret(text), 'Expected a URL without password or signature'),
});

export const labels = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((record) => Object.keys(record).length <= 32, 'Expected at most 32 labels');

/** What a long video's job knows once it is cut. */
const flow = z.strictObject({
  plan,
  /** What each segment needs of the source, where that is known. */
  reaches: z.array(reach.nullable()).nullable().default(null),
  /** What stood in the result's place before the work: what may be replaced. */
  replaces: z.string().nullable(),
  /** The digest of the model's own result there: people may correct it meanwhile, and it's still the same. */
  machine: z.string().nullable().default(null),
  /** Counts up when segments have failed: those of an earlier round don't matter any more. */
  round: z.int().min(0),
  /** It turned out that it can't be cut: one worker describes all of it. */
  whole: z.literal(true).optional(),
});

export const describePayload = z.strictObject({
  source,
  /** Tells this upload from another one at the same address, such as an ETag. */
  version: z.string().max(256).optional(),
  options: jobOptions,
  labels,
  callback: callback.optional(),
  /** Somebody asked for an end; a worker that takes the job up ends it. */
  cancelled: z.literal(true).optional(),
  flow: flow.optional(),
});

export const segmentPayload = z.strictObject({
  /** The `describe` job that it's a part of. */
  video: z.string(),
  source,
  options: jobOptions,
  plan,
  /** Of the segment in the plan. */
  index: z.int().min(0),
  /** What it needs of the source; null where only all of it will do. */
  reach: reach.nullable().default(null),
});

/** What a finished `describe` leaves: where the result is, and enough to tell it from others. */
export const described = z.strictObject({
  /** The result's name in the store. */
  name: z.string(),
  /** As a person names it: a folder or `s3://bucket/prefix/name`. */
  place: z.string(),
  /** Of the video's bytes. */
  sha256: z.string(),
  /** Of the result, as in `result.json`. */
  digest: z.string(),
  durationMs: z.number(),
  shots: z.number(),
  keyframes: z.number(),
  summary: z.string(),
});

export const progress = z.strictObject({
  stage: z.enum(['fetch', 'probe', 'scan', 'caption', 'summarise', 'publish']),
  doneMs: z.number(),
  totalMs: z.number().nullable(),
  keyframes: z.number(),
});

const outcome = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('completed'), result: described }),
  z.strictObject({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
]);

export const notifyPayload = z.strictObject({
  url: callback.shape.url,
  /** The job that has ended. */
  job: z.string(),
  source: z.string(),
  labels,
  endedMs: z.number(),
  outcome,
});

interface Payloads {
  readonly segment: z.infer<typeof segmentPayload>;
  readonly describe: z.infer<typeof describePayload>;
  readonly notify: z.infer<typeof notifyPayload>;
}
export type Payload<Type extends JobType> = Readonly<Payloads[Type]>;

/** What goes into each type of job. Checked where it's sent and where it's received. */
export const PAYLOADS: { readonly [Type in JobType]: z.ZodType<Payloads[Type]> } = {
  describe: describePayload,
  segment: segmentPayload,
  notify: notifyPayload,
};

/** What comes out. */
export interface Answers {
  readonly describe: Described;
  readonly segment: { readonly index: number };
  readonly notify: { readonly url: string };
}
export type Flow = Readonly<z.infer<typeof flow>>;
export type JobOptions = Readonly<z.infer<typeof jobOptions>>;
export type Described = Readonly<z.infer<typeof described>>;
export type JobProgress = Readonly<z.infer<typeof progress>>;
export type Outcome = Readonly<z.infer<typeof outcome>>;

function isAddress(text: string): boolean {
  if (/^https?:\/\//i.test(text)) return URL.canParse(text);
  return /^s3:\/\/[^/]+\/./s.test(text) || /^\//.test(text) || /^[A-Za-z]:[\\/]/.test(text);
}

const SIGNATURE =
  /^(x-amz-(signature|credential|security-token)|x-goog-(signature|credential)|signature|sig|awsaccesskeyid)$/i;

function holdsSecret(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, searchParams } = new URL(text);
  return username !== '' || password !== '' || [...searchParams.keys()].some((name) => SIGNATURE.test(name));
}
