import { z } from 'zod';

const count = z.int().min(0);

/** What a piece of work took. Pieces add up: those of several processes and machines too. */
export const measures = z.strictObject({
  /** In the order in which they were first met. Stages overlap: pictures are captioned while the scan decodes. */
  stages: z.array(z.strictObject({ stage: z.string(), wallMs: count })),
  /** From the first to the last moment; of several pieces, the sum. */
  wallMs: count,
  /** Of Node.js with all its threads. */
  cpuMs: count,
  /** Of FFmpeg and ffprobe; null where the system doesn't tell. */
  ffmpegCpuMs: count.nullable(),
  /** Of the source, as fetched or found. */
  bytesIn: count,
  /** Of the result's files that were written by then. */
  bytesOut: count,
  /** Pictures that the model looked at. */
  captions: count,
  /** Resident, of Node.js and FFmpeg together, by samples; of several pieces, the largest. */
  peakMemoryBytes: count,
});

/**
 * `run.json`: what making a result took. It stands beside the result, which doesn't depend on it, and names no machine.
 */
export const runReport = z.strictObject({
  schema: z.literal('framescribe/run@1'),
  versions: z.strictObject({
    framescribe: z.string(),
    node: z.string(),
    ffmpeg: z.string(),
    onnxruntime: z.string(),
  }),
  /** Such as `linux-x64`. */
  platform: z.string(),
  ...measures.shape,
  /** Seconds of video for each second of work. */
  speed: z.number().min(0),
  /** CPU seconds for an hour of video. */
  cpuSecondsPerVideoHour: z.number().min(0),
  /** In the currency of `observe.pricePerCpuHour`; null where no price is set. */
  cost: z.strictObject({ pricePerCpuHour: z.number(), total: z.number(), perVideoHour: z.number() }).nullable(),
  /** When it was done; reports of the first version lack it. */
  endedAt: z.iso.datetime().optional(),
  /** What whoever asked for it has labelled it with. */
  labels: z.record(z.string(), z.string()).optional(),
});

export type Measures = Readonly<z.infer<typeof measures>>;
export type RunReport = Readonly<z.infer<typeof runReport>>;
