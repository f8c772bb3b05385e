import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { FramescribeError } from '../domain/errors.ts';
import { checkBundleFile, readBundleFile, unreadable } from './bundle-file.ts';
import type { ClassWord, ClassWords } from './class-words.ts';
import { type Manifest, manifest as manifestSchema } from './manifest.ts';
import { parseClassWords } from './parse-class-words.ts';
import { parseVocabulary } from './vocabulary.ts';

/** A captioning model on disk whose manifest and files have been checked. */
export interface Bundle {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** `sha256:` and the hash of bundle.json, which holds the hashes of all other files. */
  readonly digest: string;
  /** The word with id n at index n. */
  readonly words: readonly string[];
  /** Words that the encoder looks for beside the captions, in the order of its output; null where it has none. */
  readonly classWords: readonly ClassWord[] | null;
  /** See `ClassWords`; empty where it has none. */
  readonly things: ClassWords['things'];
  readonly support: ClassWords['support'];
  readonly usual: ClassWords['usual'];
}

const MANIFEST_NAME = 'bundle.json';
const MAX_MANIFEST_BYTES = 1024 * 1024;

/**
 * Reads and checks a bundle: the manifest, that each file lies in the folder with its bytes and hash, the vocabulary
 * and the class words.
 * The graphs' tensors are checked once their sessions open.
 *
 * @throws {FramescribeError} BUNDLE_NOT_FOUND, BUNDLE_INVALID or BUNDLE_DAMAGED.
 */
export async function loadBundle(folder: string): Promise<Bundle> {
  const path = join(resolve(folder), MANIFEST_NAME);
  const bytes = await readManifest(path);
  const manifest = parseManifest(path, bytes);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const kept = { folder: resolve(folder), manifest, digest };
  await Promise.all(manifest.files.map(({ name }) => checkBundleFile(kept, name)));
  const words = parseVocabulary(await readBundleFile(kept, manifest.vocabulary.file), manifest.vocabulary);
  const named = manifest.words;
  const nothing = new Map<number, readonly number[]>();
  const none = { classWords: null, things: nothing, support: nothing, usual: new Map<number, number>() };
  const found = named ? parseClassWords(await readBundleFile(kept, named.file), named.file, words) : none;
  checkForeign(path, manifest, found.classWords ?? []);
  return { ...kept, words, ...found };
}

/** The words by which a confidence tells foreign pictures are class words. */
function checkForeign(path: string, { confidence }: Manifest, classWords: readonly ClassWord[]): void {
  const foreign = confidence.statistic === 'agreement' ? confidence.foreign : undefined;
  const known = new Set(classWords.map(({ word }) => word));
  const odd = [...Object.keys(foreign?.words ?? {}), ...(foreign?.fillers ?? [])].find((word) => !known.has(word));
  if (odd === undefined) return;
  throw new FramescribeError(
    'BUNDLE_INVALID',
    `${path}: expected class words alone in confidence.foreign, got “${odd}”`,
  );
}

/** The folder of a bundle, given as the name of one in `modelsDir`, or as a folder. */
export async function findBundle(nameOrFolder: string, modelsDir: string): Promise<string> {
  const isName = !isAbsolute(nameOrFolder) && !/[/\\]/.test(nameOrFolder) && !nameOrFolder.startsWith('.');
  const places = [...(isName ? [join(modelsDir, nameOrFolder)] : []), resolve(nameOrFolder)];
  for (const place of places) {
    if (await isFile(join(place, MANIFEST_NAME))) return place;
  }
  const known = isName ? await listBundles(modelsDir) : [];
  throw new FramescribeError(
    'BUNDLE_NOT_FOUND',
    `Expected a model bundle, found no ${MANIFEST_NAME} in ${places.join(' or ')}` +
      (known.length > 0 ? `; there are: ${known.join(', ')}` : ''),
  );
}

/** Names of the bundles in a folder, in order; none where there is no such folder. */
export async function listBundles(modelsDir: string): Promise<readonly string[]> {
  const names = await readdir(modelsDir).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => ((await isFile(join(modelsDir, name, MANIFEST_NAME))) ? [name] : [])),
  );
  return found.flat().sort();
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function readManifest(path: string): Promise<Buffer> {
  const entry = await stat(path).catch((cause) => {
    throw new FramescribeError('BUNDLE_NOT_FOUND', `Expected a bundle's manifest at ${path}: ${cause.code}`, { cause });
  });
  if (!entry.isFile() || entry.size > MAX_MANIFEST_BYTES) {
    throw new FramescribeError(
      'BUNDLE_INVALID',
      `Expected a file of at most ${MAX_MANIFEST_BYTES} bytes: ${path} ${entry.isFile() ? `has ${entry.size}` : 'is none'}`,
    );
  }
  return readFile(path).catch((cause) => {
    throw unreadable(path, cause);
  });
}

function parseManifest(path: string, bytes: Buffer): Manifest {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new FramescribeError('BUNDLE_INVALID', `Expected JSON in ${path}: ${(cause as Error).message}`, { cause });
  }
  const parsed = manifestSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new FramescribeError('BUNDLE_INVALID', `${path} isn't a bundle's manifest:\n${z.prettifyError(parsed.error)}`);
}
