import { z } from 'zod';
import { ERROR_KINDS, type ErrorCode } from '../../domain/errors.ts';
import { callback, jobOptions, labels, priority, progress, source } from '../../queue/jobs.ts';

const count = z.int().min(0);
/** Milliseconds since 1970. */
const instantMs = z.number().min(0);

/** `v…` is a job's id; `r…` stands for a result that came into the store without one. */
export const videoId = z.string().regex(/^[vr][0-9a-f]{31}$/);

export const videoState = z.enum(['waiting', 'active', 'delayed', 'completed', 'failed', 'cancelled']);

export const errorCode = z.enum(Object.keys(ERROR_KINDS) as [ErrorCode, ...ErrorCode[]]);

/** Why a video has no result. */
export const failure = z.strictObject({
  code: errorCode,
  message: z.string(),
  /** What to do about it. */
  advice: z.string(),
  retryable: z.boolean(),
});

/** A moment of a video in which something that was looked for is seen. */
export const foundMoment = z.strictObject({
  keyframe: z.string(),
  /** From the first frame. */
  timeMs: count,
  text: z.string(),
  confidence: z.number().min(0).max(1),
});

const itemFields = {
  id: videoId,
  state: videoState,
  /** As people know it: the label `name`, or the last part of its address. */
  name: z.string(),
  /** As it was submitted; null for uploads, and where nobody remembers it. */
  source: z.string().nullable(),
  /** For a result without a job: when the server first saw it. */
  submittedMs: instantMs,
  startedMs: instantMs.nullable(),
  endedMs: instantMs.nullable(),
  attempts: count,
  labels,
  durationMs: count.nullable(),
  shots: count.nullable(),
  keyframes: count.nullable(),
  summary: z.string().nullable(),
  /** The surest. */
  tags: z.array(z.string()),
  progress: progress.nullable(),
  failure: failure.nullable(),
  /** Path of a small picture; null before there is one. */
  thumbnail: z.string().nullable(),
  /** With a search only, best first. */
  moments: z.array(foundMoment).optional(),
};

/** A video as the list shows it. */
export const videoItem = z.strictObject(itemFields);

export const artifact = z.strictObject({
  /** Inside the result, such as `keyframes/k0001.jpg`. */
  name: z.string(),
  bytes: count,
  sha256: z.string(),
  /** Media type. */
  type: z.string(),
  /** Path on this server. */
  url: z.string(),
});

export const artifactList = z.strictObject({ artifacts: z.array(artifact) });

/** One video: the item of the list, and where its files are. */
export const videoDetail = z.strictObject({
  ...itemFields,
  /** Path of the video's own bytes, for a player; null where this server hasn't got them. */
  media: z.string().nullable(),
  /** Empty without a result. */
  artifacts: z.array(artifact),
});

/** What to describe: `source` is all that has to be said. */
export const submission = z.strictObject({
  source,
  /** Tells this upload from another one at the same address, such as an ETag. */
  version: z.string().max(256).optional(),
  priority: priority.optional(),
  labels: labels.optional(),
  callback: callback.optional(),
  options: jobOptions.optional(),
});

export type VideoItem = Readonly<z.infer<typeof videoItem>>;
export type VideoState = z.infer<typeof videoState>;
export type VideoDetail = Readonly<z.infer<typeof videoDetail>>;
export type Artifact = Readonly<z.infer<typeof artifact>>;
export type FoundMoment = Readonly<z.infer<typeof foundMoment>>;
