import { z } from 'zod';

/**
 * How much a scan may save. `exact` finds the shots that a full decode finds; a cut among B-frames that were left out may be told
 * a frame off. `lean` may place a boundary a few frames off, and miss one that the sizes of packets don't tell of; `preview`
 * looks at I-frames only, for an answer within seconds that a full one replaces later.
 */
export const scanMode = z.enum(['exact', 'lean', 'preview']);

/** What a scan decodes. Follows from the mode and the file's bytes alone, and goes with the job to whoever scans. */
export const scanPlan = z.strictObject({
  /** What was asked for. */
  mode: scanMode,
  /**
   * The frames that are decoded: all; without the B-frames before frames that tell of nothing new (`changes`); without the
   * B-frames that no other frame needs (`references`); without any B-frames (`anchors`); like `references`, and without the
   * ends of groups of pictures in which nothing new comes into sight (`groups`); or I-frames only (`keys`).
   */
  frames: z.enum(['all', 'changes', 'references', 'anchors', 'groups', 'keys']),
  /** Whether the decoder smooths the edges of blocks: a fifth of its work, and pictures are a little rougher without. */
  loopFilter: z.boolean(),
  /** Why these frames. */
  because: z.string(),
});

export type ScanMode = z.infer<typeof scanMode>;
export type ScanPlan = Readonly<z.infer<typeof scanPlan>>;
