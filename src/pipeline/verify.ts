import { createHash } from 'node:crypto';
import { FramescribeError } from '../domain/errors.ts';
import { type Keyframe, type Result, result as resultSchema } from '../domain/result.ts';
import { runReport } from '../domain/run.ts';
import { captionsOf } from '../domain/scene.ts';
import { MANIFEST_FILE, type Manifest, manifest as manifestSchema } from '../storage/manifest.ts';
import type { Store } from '../storage/store.ts';
import { backs } from '../summary/story.ts';
import { sign } from './assemble.ts';
import { checkEdits } from './verify-edits.ts';
import { checkSeenWords, checkTags } from './verify-names.ts';

const RUN_FILE = 'run.json';

/** One thing that was looked at; `faults` is empty where all is well. */
export interface Check {
  readonly name: string;
  readonly checked: number;
  readonly faults: readonly string[];
}

/**
 * Walks a result from its summary to its captions, keyframes and the hashes of their pictures, and its manifest from
 * name to bytes.
 *
 * @throws {FramescribeError} RESULT_NOT_FOUND, or RESULT_INVALID where the documents can't be read at all.
 */
export async function verifyResult(name: string, store: Store): Promise<readonly Check[]> {
  const manifest = parse(manifestSchema, await store.read(name, MANIFEST_FILE), MANIFEST_FILE);
  const result = parse(resultSchema, await store.read(name, 'result.json'), 'result.json');
  return [
    await checkFiles(name, store, manifest),
    checkDigest(result),
    checkShots(result),
    checkKeyframes(result, manifest),
    checkSeenWords(result),
    checkSummary(result),
    checkTags(result),
    checkRanges(result),
    await checkRun(name, store, manifest),
    ...(result.edited === undefined ? [] : [await checkEdits(name, store, result)]),
  ];
}

async function checkFiles(name: string, store: Store, manifest: Manifest): Promise<Check> {
  const faults: string[] = [];
  for (const entry of manifest.files) {
    const bytes = await store.read(name, entry.name).catch(nullWhereMissing);
    if (bytes === null) faults.push(`${entry.name}: missing`);
    else if (bytes.byteLength !== entry.bytes) {
      faults.push(`${entry.name}: expected ${entry.bytes} bytes, got ${bytes.byteLength}`);
    } else if (createHash('sha256').update(bytes).digest('hex') !== entry.sha256) {
      faults.push(`${entry.name}: the bytes differ from the manifest's SHA-256`);
    }
  }
  const listed = new Set([MANIFEST_FILE, ...manifest.files.map((entry) => entry.name)]);
  for (const file of await store.list(name)) if (!listed.has(file)) faults.push(`${file}: not in the manifest`);
  if (!listed.has('result.json')) faults.push('result.json: not in the manifest');
  return { name: 'files match the manifest', checked: manifest.files.length, faults };
}

function nullWhereMissing(error: unknown): null {
  if (FramescribeError.from(error).code === 'RESULT_NOT_FOUND') return null;
  throw error;
}

function checkDigest(result: Result): Check {
  const { digest, ...unsigned } = result;
  const expected = sign(unsigned).digest;
  const faults = digest === expected ? [] : [`expected ${expected}, got ${digest}`];
  return { name: 'result.json has the digest it names', checked: 1, faults };
}

function checkShots({ shots, video }: Result): Check {
  const faults: string[] = [];
  let end = 0;
  for (const shot of shots) {
    if (shot.startMs !== end) faults.push(`${shot.id}: expected to start at ${end} ms, got ${shot.startMs}`);
    if (shot.endMs < shot.startMs) faults.push(`${shot.id}: ends before it starts`);
    end = shot.endMs;
  }
  if (end !== video.durationMs) faults.push(`the shots end at ${end} ms, the video at ${video.durationMs}`);
  return { name: 'shots cover the video without gap or overlap', checked: shots.length, faults };
}

function checkKeyframes(result: Result, manifest: Manifest): Check {
  const faults: string[] = [];
  const shots = new Map(result.shots.map((shot) => [shot.id, shot]));
  const keyframes = byId(result);
  const pictures = new Map(manifest.files.map((entry) => [entry.name, entry.sha256]));
  for (const keyframe of result.keyframes) {
    const { id, image, sha256, timeMs, sameAs } = keyframe;
    const shot = shots.get(keyframe.shot);
    if (!shot?.keyframes.includes(id)) faults.push(`${id}: its shot ${keyframe.shot} doesn't name it`);
    else if (timeMs < shot.startMs || timeMs > shot.endMs) faults.push(`${id}: ${timeMs} ms is outside ${shot.id}`);
    if (pictures.get(image) !== sha256) faults.push(`${id}: ${image} isn't the picture that was captioned`);
    const root = sameAs === undefined ? keyframe : keyframes.get(sameAs);
    if (root === undefined || root.sameAs !== undefined)
      faults.push(`${id}: expected ${sameAs} to be a keyframe of its own`);
    if (captionsOf(keyframe, keyframes).length === 0) faults.push(`${id}: no caption holds for it`);
  }
  return {
    name: 'keyframes lie in their shots and are the pictures that were captioned',
    checked: keyframes.size,
    faults,
  };
}

function checkSummary({ summary, ...result }: Result): Check {
  const faults: string[] = [];
  const keyframes = byId(result);
  for (const { text, keyframes: behind, edit } of summary.sentences) {
    for (const id of behind) {
      const keyframe = keyframes.get(id);
      const captions = keyframe === undefined ? [] : captionsOf(keyframe, keyframes);
      if (keyframe === undefined) faults.push(`“${text}”: names ${id}, which isn't there`);
      // A person needs no caption to say what the frames show.
      else if (edit === undefined && !captions.some((caption) => backs(caption.text, text)))
        faults.push(`“${text}”: no caption of ${id} says so`);
    }
    if (!summary.text.includes(text)) faults.push(`“${text}”: isn't in the summary's text`);
  }
  return { name: 'each sentence leads to captions and frames', checked: summary.sentences.length, faults };
}

function checkRanges({ chapters, tags, shots, video }: Result): Check {
  const faults: string[] = [];
  const known = new Set(shots.map(({ id }) => id));
  for (const chapter of chapters) {
    const missing = chapter.shots.filter((id) => !known.has(id));
    if (missing.length > 0) faults.push(`${chapter.id}: names shots that aren't there: ${missing.join(', ')}`);
  }
  for (const tag of tags) {
    const outside = tag.instances.some(({ startMs, endMs }) => endMs < startMs || endMs > video.durationMs);
    if (outside) faults.push(`tag ${tag.name}: a time outside the video`);
  }
  return { name: 'chapters and tags lie in the video', checked: chapters.length + tags.length, faults };
}

/** What a run took proves nothing about the result; a reader of it relies on its shape. */
async function checkRun(name: string, store: Store, manifest: Manifest): Promise<Check> {
  const listed = manifest.files.filter((entry) => entry.name === RUN_FILE);
  const bytes = listed.length === 0 ? null : await store.read(name, RUN_FILE).catch(nullWhereMissing);
  const faults: string[] = [];
  try {
    if (bytes !== null) parse(runReport, bytes, RUN_FILE);
  } catch (error) {
    faults.push(FramescribeError.from(error).message);
  }
  return { name: 'run.json, where there is one, tells what the run took', checked: listed.length, faults };
}

function byId({ keyframes }: { readonly keyframes: readonly Keyframe[] }): ReadonlyMap<string, Keyframe> {
  return new Map(keyframes.map((keyframe) => [keyframe.id, keyframe]));
}

function parse<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: { message: string } } },
  bytes: Buffer,
  file: string,
): T {
  const invalid = (reason: string) => new FramescribeError('RESULT_INVALID', `Expected a valid ${file}: ${reason}`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error.message);
  return parsed.data;
}
