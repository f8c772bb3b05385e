import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Captioner } from '../caption/captioner.ts';
import type { PictureCaptions } from '../domain/captioning.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Probe } from '../domain/scan.ts';
import { ticksToMs } from '../domain/time.ts';
import { probe } from '../media/probe.ts';
import type { PiecePicture, SegmentFindings } from '../media/segment.ts';
import { scanSegment } from '../media/segment-scan.ts';
import { CaptionQueue } from './caption-queue.ts';
import type { Meter } from './meter.ts';
import { type Plan, segmentsOf } from './plan.ts';

/** A picture of a segment with its captions, its JPEG apart. */
export interface DescribedPicture extends Omit<PiecePicture, 'file'> {
  readonly captions: PictureCaptions | null;
}

/** What came of one segment. */
export interface DescribedSegment {
  readonly probe: Probe;
  readonly findings: SegmentFindings;
  readonly pictures: readonly DescribedPicture[];
  /** By the same index. */
  readonly jpegs: readonly Buffer[];
}

export interface SegmentContext {
  readonly config: Config;
  readonly captioner: Captioner;
  readonly signal: AbortSignal;
  /** An existing folder for pictures on their way. */
  readonly folder: string;
  readonly meter: Meter;
  /** How far into the segment it is. */
  readonly onProgress: (doneMs: number, keyframes: number) => void;
  /** Hears of the first picture's JPEG as soon as there is one. */
  readonly onPicture?: ((file: string) => void) | undefined;
}

/**
 * Scans and captions one segment of a planned video, by itself. Every picture gets its captions, as which of them look
 * the same is known once the segments are joined.
 *
 * @throws {FramescribeError} SEGMENT_UNFIT, or what a scan or the captioner throws
 */
export async function describeSegment(
  path: string,
  plan: Plan,
  index: number,
  context: SegmentContext,
): Promise<DescribedSegment> {
  const { config, captioner, signal, folder, meter, onProgress } = context;
  const segment = segmentsOf(plan)[index];
  if (segment === undefined) throw new FramescribeError('INTERNAL', `Expected a segment of the plan, got ${index}`);
  const probed = await meter.stage('probe', () => probe(path, config, signal));
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  // Each picture on its way listens.
  setMaxListeners(0, both);
  const queue = new CaptionQueue(captioner, config.caption.batch, both);
  const pictures: PiecePicture[] = [];
  let findings: SegmentFindings | null = null;
  try {
    await meter.stage('scan', async () => {
      const cut = { probe: probed, firstPts: plan.firstPts, scan: plan.scan };
      for await (const event of scanSegment(path, cut, segment, config, { signal: both, folder })) {
        if (event.kind === 'progress') onProgress(ticksToMs(event.ticks, probed.timeBase), pictures.length);
        else if (event.kind === 'picture') {
          pictures.push(event.picture);
          if (pictures.length === 1) context.onPicture?.(event.picture.file);
          await queue.add(event.picture.file);
        } else findings = event.findings;
      }
    });
    const captions = await meter.stage('caption', () => queue.finish());
    meter.add({ captions: pictures.length });
    if (findings === null) throw new FramescribeError('INTERNAL', 'Expected the scan to tell its end');
    return {
      probe: probed,
      findings,
      pictures: pictures.map(({ file: _, ...picture }, at) => ({ ...picture, captions: captions[at] ?? null })),
      jpegs: await Promise.all(pictures.map(({ file }) => readFile(file))),
    };
  } catch (error) {
    stop.abort();
    await queue.finish().catch(() => {});
    throw error;
  }
}
