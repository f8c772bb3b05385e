import { z } from 'zod';

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
  /** Attempts at one request, the first one included. */
  maxAttempts: z.int().min(1).max(10),
  /** How long one attempt may wait for the server; large files get more, by their size. */
  requestTimeoutMs: z.int().min(100).max(3_600_000),
  /** Files on their way to the server at the same time. */
  concurrency: z.int().min(1).max(64),
});

/** Every setting, with its unit in its name. `config/default.json` has the defaults. */
export const config = z.strictObject({
  ffmpeg: z.strictObject({
    path: z.string().min(1),
    ffprobePath: z.string().min(1),
    /** Decoder threads; 0 lets FFmpeg choose. */
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
    /** Inference threads; 0 takes one for each processor at hand. */
    threads: z.int().min(0).max(64),
    /** Pictures encoded together. */
    batch: z.int().min(2).max(64),
    /** Beam width; 0 takes the bundle's own. */
    beam: z.int().min(0).max(16),
    nBest: z.int().min(1).max(16),
    attention: z.boolean(),
  }),
  storage: z.strictObject({ s3: s3Settings }),
  /** Where temporary files go; empty for the system's own folder. */
  tempDir: z.string(),
});

export type Config = z.infer<typeof config>;
export type S3Settings = Config['storage']['s3'];
