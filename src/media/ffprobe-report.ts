import { z } from 'zod';

/** What we ask ffprobe for: no more, since a file may carry megabytes of tags. */
export const REPORT_ENTRIES = [
  'program_version=version',
  'format=format_name,duration',
  'stream=index,codec_name,codec_type,width,height,sample_aspect_ratio,pix_fmt,field_order,time_base,avg_frame_rate,' +
    'r_frame_rate,duration,color_space,color_transfer',
  'stream_disposition=default,attached_pic,still_image,timed_thumbnails',
  'stream_tags=alpha_mode,enc_key_id,DURATION',
  'stream_side_data=rotation,displaymatrix',
].join(':');

const flag = z.number().optional();

/** ffprobe's JSON. Everything in it comes from an untrusted file: each value may be missing, huge or senseless. */
const stream = z.object({
  index: z.int().min(0),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.int().min(0).optional(),
  height: z.int().min(0).optional(),
  sample_aspect_ratio: z.string().optional(),
  pix_fmt: z.string().optional(),
  field_order: z.string().optional(),
  time_base: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  r_frame_rate: z.string().optional(),
  duration: z.string().optional(),
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  disposition: z.object({ default: flag, attached_pic: flag, still_image: flag, timed_thumbnails: flag }).optional(),
  tags: z
    .object({ alpha_mode: z.string().optional(), enc_key_id: z.string().optional(), DURATION: z.string().optional() })
    .optional(),
  side_data_list: z
    .array(z.object({ rotation: z.number().optional(), displaymatrix: z.string().optional() }))
    .optional(),
});

const report = z.object({
  program_version: z.object({ version: z.string() }).optional(),
  format: z.object({ format_name: z.string(), duration: z.string().optional() }),
  streams: z.array(stream),
});

export type ReportedStream = z.infer<typeof stream>;
export type Report = z.infer<typeof report>;

/** Reads ffprobe's output. Null where it isn't what ffprobe writes for a file that it could open. */
export function parseReport(json: string): Report | null {
  try {
    return report.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}
