import { createHash } from 'node:crypto';
import type { Bundle } from '../caption/bundle.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Measures } from '../domain/run.ts';
import { manifest } from '../storage/manifest.ts';
import type { Store } from '../storage/store.ts';
import { optionsOf } from './compose.ts';
import type { DescribedPicture, DescribedSegment } from './describe-segment.ts';
import { type Plan, segmentsOf } from './plan.ts';

/** Raise it when a scan or a checkpoint changes: what another version left is no part of a video then. */
const VERSION = 2;
const [FINDINGS, PICTURES] = ['segment.json', 'pictures.bin'];

/** A described segment as it was kept, and what making it took. */
export interface Checkpoint extends DescribedSegment {
  readonly measures: Measures;
}

/**
 * The name of a segment's checkpoint in a store: the job's id, and a hash of all that the segment's contents depend
 * on. Another model, choice or source is another checkpoint.
 */
export function checkpointName(id: string, plan: Plan, index: number, config: Config, bundle: Bundle): string {
  const { maxWidth, jpegQuality } = config.keyframes;
  const content = [VERSION, plan, index, bundle.digest, optionsOf(config, bundle), maxWidth, jpegQuality];
  const key = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
  return `${id}-${String(index).padStart(4, '0')}-${key}`;
}

/** The job that a checkpoint belongs to, by its name; null where that is no checkpoint's. */
export function jobOfCheckpoint(name: string): string | null {
  return /^(.+)-\d{4,}-[0-9a-f]{16}$/.exec(name)?.[1] ?? null;
}

/** The names of all checkpoints of a plan, in order of time. */
export function checkpointNames(id: string, plan: Plan, config: Config, bundle: Bundle): readonly string[] {
  return segmentsOf(plan).map((_, index) => checkpointName(id, plan, index, config, bundle));
}

/** Keeps a segment, whole or not at all. One that is there already stays: it's the same. */
export async function keepCheckpoint(
  store: Store,
  name: string,
  { jpegs, ...segment }: DescribedSegment,
  measures: Measures,
  signal: AbortSignal,
): Promise<void> {
  const pictures = segment.pictures.map((picture, index) => ({
    ...picture,
    signature: Buffer.from(picture.signature).toString('base64'),
    bytes: jpegs[index]?.length ?? 0,
  }));
  const kept: Kept = { ...segment, pictures, measures };
  const publication = await store.begin(name, { replaces: null, signal }).catch(unlessThere);
  if (publication === null) return;
  try {
    await publication.put(PICTURES, Buffer.concat(jpegs));
    await publication.put(FINDINGS, Buffer.from(JSON.stringify(kept)));
    await publication.commit();
  } catch (error) {
    await publication.abort();
    unlessThere(error);
  }
}

/** Reads a checkpoint; null where there is none that is whole. What isn't whole is removed, so that it's made again. */
export async function readCheckpoint(store: Store, name: string): Promise<Checkpoint | null> {
  try {
    const { files } = manifest.parse(JSON.parse(String(await store.read(name, 'manifest.json'))));
    const [findings, pictures] = await Promise.all(
      [FINDINGS, PICTURES].map((file) => readWhole(store, name, file, files)),
    );
    return decode(findings as Buffer, pictures as Buffer);
  } catch (error) {
    const { code, kind } = FramescribeError.from(error);
    if (code === 'RESULT_NOT_FOUND') return null;
    if (kind.retryable) throw error;
    await store.remove(name);
    return null;
  }
}

/** As a checkpoint's JSON has it. */
type Kept = Omit<Checkpoint, 'jpegs' | 'pictures'> & {
  readonly pictures: readonly (Omit<DescribedPicture, 'signature'> & {
    readonly signature: string;
    /** Length of its JPEG; they lie one after the other. */
    readonly bytes: number;
  })[];
};

async function readWhole(
  store: Store,
  name: string,
  file: string,
  files: readonly { readonly name: string; readonly sha256: string }[],
): Promise<Buffer> {
  const bytes = await store.read(name, file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (files.some((entry) => entry.name === file && entry.sha256 === sha256)) return bytes;
  throw new FramescribeError('RESULT_INVALID', `Expected ${file} of ${name} as its manifest says, got other bytes`);
}

function decode(findings: Buffer, jpegs: Buffer): Checkpoint {
  const kept = JSON.parse(findings.toString()) as Kept;
  let from = 0;
  const parts = kept.pictures.map(({ bytes, signature, ...picture }) => {
    const jpeg = jpegs.subarray(from, from + bytes);
    from += bytes;
    return { jpeg, picture: { ...picture, signature: Uint8Array.from(Buffer.from(signature, 'base64')) } };
  });
  return { ...kept, pictures: parts.map(({ picture }) => picture), jpegs: parts.map(({ jpeg }) => jpeg) };
}

function unlessThere(error: unknown): null {
  if (FramescribeError.from(error).code === 'RESULT_CONFLICT') return null;
  throw error;
}
