import { z } from 'zod';

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
  /** Where temporary files go; empty for the system's own folder. */
  tempDir: z.string(),
});

export type Config = z.infer<typeof config>;
