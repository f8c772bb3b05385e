import { z } from 'zod';

const count = z.int().min(0);

/** All queues and workers at one moment. */
export const overview = z.strictObject({
  queues: z.array(
    z.strictObject({
      type: z.enum(['describe', 'notify']),
      counts: z.record(z.enum(['waiting', 'active', 'delayed', 'waiting-children', 'completed', 'failed']), count),
      /** When the job that has waited longest was submitted. */
      oldestMs: z.number().nullable(),
    }),
  ),
  workers: z.array(
    z.strictObject({
      name: z.string(),
      concurrency: z.int().min(1),
      running: count,
      model: z.string(),
      version: z.string(),
      startedMs: z.number(),
      seenMs: z.number(),
    }),
  ),
});

/** An upload on its way, or finished. */
export const uploadStatus = z.strictObject({
  id: z.string(),
  /** Null until the client tells. */
  bytes: count.nullable(),
  offset: count,
  /** Once it's whole: the video that it became. */
  video: z.string().nullable(),
});

export type UploadStatus = Readonly<z.infer<typeof uploadStatus>>;
