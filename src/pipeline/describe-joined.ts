import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '../caption/bundle.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { joinSegments, type ScannedSegment } from '../media/join.ts';
import type { PiecePicture } from '../media/segment.ts';
import type { Store } from '../storage/store.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { compose, type Description } from './compose.ts';
import type { DescribedPicture } from './describe-segment.ts';
import type { Meter } from './meter.ts';
import { type Plan, segmentsOf } from './plan.ts';

export interface JoinContext {
  readonly config: Config;
  readonly bundle: Bundle;
  /** An existing folder for the pictures. */
  readonly folder: string;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/** A video that was described in segments, or the segments that have to be described (again) before. */
export type Joining =
  | { readonly kind: 'joined'; readonly description: Omit<Description, keyof AsyncDisposable> }
  | { readonly kind: 'missing'; readonly segments: readonly number[] };

/**
 * Makes the description of a video of the checkpoints of its segments: the same as if it had been described whole.
 *
 * @throws {FramescribeError} SEGMENT_UNFIT: it has to be described whole
 */
export async function describeJoined(
  plan: Plan,
  store: Store,
  names: readonly string[],
  context: JoinContext,
): Promise<Joining> {
  const { config, bundle, folder, meter, signal } = context;
  const parts: Part[] = [];
  const missing: number[] = [];
  for (const [index, name] of names.entries()) {
    signal.throwIfAborted();
    const checkpoint = await readCheckpoint(store, name);
    if (checkpoint) parts.push(await unpack(checkpoint, join(folder, String(index)), meter));
    else missing.push(index);
  }
  const [first] = parts;
  if (missing.length > 0 || first === undefined) return { kind: 'missing', segments: missing };
  const { probe } = first;
  const { scan, firstPts } = plan;
  const cut = { probe, firstPts, segments: segmentsOf(plan) };
  const { shots, keyframes, facts, warnings } = joinSegments(cut, config.keyframes.windowMs, parts);
  const { sha256, bytes, sourceName } = plan;
  const video = { source: sourceName, sha256, bytes, ...facts };
  const captions = keyframes.map((keyframe) => (keyframe.sameAs === null ? keyframe.captions : null));
  const seen = { video, probe, scan, shots, keyframes, captions, warnings };
  return { kind: 'joined', description: await compose(seen, { config, bundle, meter }) };
}

interface Part extends ScannedSegment<PiecePicture & DescribedPicture>, Pick<Checkpoint, 'probe'> {}

/** Its pictures go to the disk: those of a long video together are too many to hold. */
async function unpack(checkpoint: Checkpoint, prefix: string, meter: Meter): Promise<Part> {
  const { probe, findings, pictures, jpegs, measures } = checkpoint;
  meter.include(measures);
  const files = pictures.map((_, index) => `${prefix}-${String(index).padStart(6, '0')}.jpg`);
  for (const [index, file] of files.entries()) {
    await writeFile(file, jpegs[index] ?? Buffer.of()).catch((error) => {
      throw FramescribeError.from(error);
    });
  }
  return { probe, findings, pictures: pictures.map((picture, index) => ({ ...picture, file: files[index] ?? '' })) };
}
