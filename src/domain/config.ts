import { z } from 'zod';
import { scanMode } from './scan-plan.ts';
import { vocabularyShape } from './vocabulary.ts';

/** Several values in one text, between commas, so that an environment variable can hold them. */
export function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const network = z.union([z.cidrv4(), z.cidrv6()]);
const networkList = z
  .string()
  .refine((text) => listOf(text).every((part) => network.safeParse(part).success), 'Expected such as 10.1.0.0/16');

/** How to talk to S3. Credentials come from the AWS SDK's usual chain (environment, profile, role), never from here. */
const s3Settings = z.strictObject({
  /** URL of the server; empty for AWS. */
  endpoint: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
  /** Empty to take it from the environment or the profile. */
  region: z.string(),
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`: what most servers but AWS want. */
  forcePathStyle: z.boolean(),
  requestChecksumCalculation: z.enum(['WHEN_REQUIRED', 'WHEN_SUPPORTED']),
  responseChecksumValidation: z.enum(['WHEN_REQUIRED', 'WHEN_SUPPORTED']),
  /** Empty for what the bucket does by itself. */
  serverSideEncryption: z.enum(['', 'AES256', 'aws:kms', 'aws:kms:dsse']),
  kmsKeyId: z.string(),
  /** Empty for the bucket's own. Archives that have to be thawed first are no place for results. */
  storageClass: z.string().regex(/^(?!(?:GLACIER|DEEP_ARCHIVE)$)[A-Z0-9_]*$/),
  /** Cache-Control of a result's files, which never change. The manifest, which does, has `no-cache`. */
  cacheControl: z.string(),
  /** Larger files are sent in parts of this size. */
  partBytes: z
    .int()
    .min(5 << 20)
    .max(5 * 2 ** 30),
  /** Server in the links that readers get, where they reach it by another URL than `endpoint`; empty for the same. */
  linkEndpoint: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
  /** Attempts at one request, the first one included. */
  maxAttempts: z.int().min(1).max(10),
  /** How long one attempt may wait for the server; large files get more, by their size. */
  requestTimeoutMs: z.int().min(100).max(3_600_000),
  /** Files on their way to the server at the same time. */
  concurrency: z.int().min(1).max(64),
});

/** What `framescribe serve` listens to, and for whom. */
const serverSettings = z.strictObject({
  host: z.string().min(1),
  /** 0 takes a free one. */
  port: z.int().min(0).max(65_535),
  /** Asks for tokens. May be off on a loopback address only. */
  authentication: z.boolean(),
  /** As browsers reach it, such as `https://videos.example.org`; empty for `http://host:port`. */
  publicUrl: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
  /** Addresses or networks of reverse proxies, whose `X-Forwarded-For` is believed. */
  trustedProxies: z.string(),
  /** Of one token, or of one address without a token. */
  requestsPerMinute: z.int().min(1),
  maxBodyBytes: z.int().min(1024),
  /** Within this a request has to be complete, an upload's excepted. */
  requestMs: z.int().min(100).max(3_600_000),
  /** Readers of events at the same time. */
  eventStreams: z.int().min(1),
  /** Between two comparisons of the list of videos with the store and the queue. */
  syncMs: z.int().min(1_000),
  /** Jobs without a result that the list shows. */
  listedJobs: z.int().min(1).max(1_000_000),
  /** For links to files in S3, in seconds. */
  linkS: z
    .int()
    .min(1)
    .max(7 * 86_400),
  /** What a server that is told to stop may take to answer what it has begun. */
  graceMs: z.int().min(0).max(3_600_000),
  uploads: z.strictObject({
    /** Where uploads are kept; empty for `.uploads` in a store that is a folder, and for no uploads with one in S3. */
    folder: z.string(),
    maxBytes: z.int().positive(),
    /** An upload that isn't whole by then is forgotten. */
    expireMs: z.int().min(60_000),
    /** How long an uploaded video is kept; 0 for as long as its result. */
    keepMs: z.int().min(0),
  }),
});

/** Every setting, with its unit in its name. `config/default.json` has the defaults. */
export const config = z.strictObject({
  ffmpeg: z.strictObject({
    path: z.string().min(1),
    ffprobePath: z.string().min(1),
    /** Decoder threads: one costs least, more are done sooner where processors are idle. 0 lets FFmpeg choose. */
    threads: z.int().min(0).max(64),
    /** The largest single block that FFmpeg may allocate. */
    maxAllocBytes: z.int().positive(),
  }),
  limits: z.strictObject({
    maxBytes: z.int().positive(),
    maxDurationMs: z.int().positive(),
    /** Width times height of the coded picture. */
    maxPixels: z.int().positive(),
    probeDeadlineMs: z.int().positive(),
    /** A scan may take this long, plus `deadlinePerVideoSecondMs` for each second of the video. */
    deadlineMs: z.int().positive(),
    deadlinePerVideoSecondMs: z.int().min(0),
  }),
  /** `exact` finds the shots of a full decode at the least cost, `lean` is cheaper, `preview` looks at I-frames only. */
  scan: z.strictObject({ mode: scanMode }),
  keyframes: z.strictObject({
    windowMs: z.int().min(1000).max(600_000),
    max: z.int().min(1),
    maxWidth: z.int().min(224).max(8192),
    jpegQuality: z.int().min(1).max(100),
  }),
  caption: z.strictObject({
    /** Name of a bundle in `modelsDir`, or a folder with a bundle.json. */
    model: z.string().min(1),
    /** Folder of the bundles; empty for the one that comes with the package. */
    modelsDir: z.string(),
    /** Inference threads, each with about 100 MB; one keeps up with any decoder. 0 takes one for each processor at hand. */
    threads: z.int().min(0).max(64),
    /** Pictures captioned together. */
    batch: z.int().min(2).max(64),
    /** Beam width; 0 takes the bundle's own. */
    beam: z.int().min(0).max(16),
    nBest: z.int().min(1).max(16),
    attention: z.boolean(),
  }),
  storage: z.strictObject({
    s3: s3Settings,
    /** How long a worker waits for a store that is away, with all that it has computed, before its try has failed. */
    patienceMs: z.int().min(0).max(86_400_000),
  }),
  /** Sources that a worker fetches for others. Lists have commas between their parts. */
  fetch: z.strictObject({
    /** Plain `http://` too. */
    allowHttp: z.boolean(),
    /** Networks that aren't public and may be reached all the same, such as `10.1.0.0/16, fd00:1::/32`. */
    allowedNetworks: networkList,
    /** Local folders below which sources may lie; empty for none. */
    folders: z.string(),
    /** Buckets that `s3://` sources may name; empty for every bucket that the credentials open. */
    buckets: z.string(),
    /** For one source, with all its attempts. */
    deadlineMs: z.int().positive(),
    /** The longest time in which its server may bring next to nothing (less than 16 KiB). */
    stallTimeoutMs: z.int().positive(),
    /** Attempts in a row that bring nothing new, the first one included. */
    maxAttempts: z.int().min(1).max(20),
  }),
  /** Callbacks to the applications that submitted videos. */
  notify: z.strictObject({
    allowHttp: z.boolean(),
    /** As in `fetch`. */
    allowedNetworks: networkList,
    timeoutMs: z.int().min(100).max(120_000),
  }),
  /** Videos that come through Redis, for `submit` and workers. */
  queue: z.strictObject({
    /** `redis://…` or `rediss://…`; empty for this machine's usual port. */
    redisUrl: z.string(),
    /** What every key in Redis begins with. `{braces}` keep them on one node of a cluster. */
    prefix: z.string().regex(/^[A-Za-z0-9_.{}-]{1,64}$/),
    /** Where workers put results: a folder or `s3://bucket/prefix`. */
    store: z.string().min(1),
    /** Tells a worker from others; empty for one made of host and process. */
    workerName: z.string().regex(/^[A-Za-z0-9._-]{0,64}$/),
    /** Videos, or segments of them, that one worker describes at the same time where nobody asks for another number. */
    concurrency: z.int().min(1).max(64),
    /** Longer videos are cut into segments of about this length, which any worker may take. */
    segmentMs: z.int().min(10_000).max(86_400_000),
    /** The longest wait of an application for one answer of Redis. */
    answerMs: z.int().min(100).max(60_000),
    /** A worker that hasn't been heard of for this long loses its job to another. */
    lockMs: z.int().min(1000).max(600_000),
    /** What a worker that is told to stop may take to finish; then it hands its videos back. */
    graceMs: z.int().min(0).max(86_400_000),
    /** Ended jobs that Redis remembers. */
    keepCompleted: z.int().min(0),
    keepFailed: z.int().min(0),
    /** Signs callbacks; without it none is sent. */
    webhookSecret: z.string(),
  }),
  /** What the house calls things. */
  tags: z.strictObject({
    /** The file with the vocabulary, read with the configuration; empty for `config/tags.json`. */
    file: z.string(),
    ...vocabularyShape,
  }),
  search: z.strictObject({
    /** Where indexes over results are kept, one for each store; empty for the user's cache. */
    folder: z.string(),
  }),
  /** The API and the page. */
  server: serverSettings,
  /** What is told of the work: logs, metrics, traces, costs. */
  observe: z.strictObject({
    logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    /** `auto`: for people on a terminal, JSON elsewhere. */
    logFormat: z.enum(['auto', 'json', 'pretty']),
    /** Where a worker serves /metrics, /healthz and /readyz; 0 for nowhere. */
    metricsPort: z.int().min(0).max(65_535),
    /** Nothing there is secret, and nothing asks who reads it: beyond this machine only in a network of your own. */
    metricsHost: z.string().min(1),
    /** Sends OpenTelemetry spans to where the `OTEL_…` variables say. */
    tracing: z.boolean(),
    /** For `run.json`: what an hour of one processor costs; 0 where that isn't known. */
    pricePerCpuHour: z.number().min(0),
  }),
  /** Where temporary files go; empty for the system's own folder. */
  tempDir: z.string(),
  temp: z.strictObject({
    /** What all jobs of a worker together may put there. */
    maxBytes: z.int().positive(),
    /** What stays free on that disk for everybody else. */
    keepFreeBytes: z.int().min(0),
  }),
});

export type Config = z.infer<typeof config>;
export type S3Settings = Config['storage']['s3'];
