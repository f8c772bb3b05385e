import { FramescribeError } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import { MANIFEST_FILE, manifest } from '../storage/manifest.ts';
import type { Store } from '../storage/store.ts';
import { correct, readCorrected, readEdits } from './corrected.ts';
import type { EditOptions } from './edit-result.ts';
import { republish } from './republish.ts';
import { readResult } from './stored-results.ts';
import { versionIdOf } from './version-id.ts';

/** A result of a video that stands in its place, or stood there before another model's. */
export interface Version {
  readonly id: string;
  readonly isCurrent: boolean;
  /** Null where it can't be read. */
  readonly model: Result['model'] | null;
  readonly options: Result['options'] | null;
  readonly digest: string | null;
  /** Whether people have corrected it. */
  readonly isEdited: boolean;
  /** Of all its files. */
  readonly bytes: number;
}

/**
 * The versions of a result: the one that stands there, then those that are kept.
 *
 * @throws {FramescribeError} RESULT_NOT_FOUND
 */
export async function listVersions(store: Store, name: string): Promise<readonly Version[]> {
  const current = await store.version(name);
  if (current === null) throw new FramescribeError('RESULT_NOT_FOUND', `Expected a result at ${store.locate(name)}`);
  const kept = await keptVersions(store, name);
  return [await versionOf(store, name, current, undefined), ...kept];
}

/** Those that are kept: what a purge removes. */
export async function keptVersions(store: Store, name: string): Promise<readonly Version[]> {
  const kept = await store.kept(name);
  return Promise.all(kept.map((id) => versionOf(store, name, id, id)));
}

/**
 * The version that a person means: `current`, an id, a model's name with or without its version, or the beginning of an id
 * or of the model's digest.
 *
 * @throws {FramescribeError} VERSION_NOT_FOUND: there is none, or several.
 */
export function findVersion(words: string, versions: readonly Version[]): Version {
  const wanted = words.replace(/^sha256:/, '');
  const isMeant = ({ id, model, isCurrent }: Version) =>
    (words === 'current' && isCurrent) ||
    model?.name === words ||
    `${model?.name} ${model?.version}` === words ||
    (wanted.length >= 4 && (id.startsWith(wanted) || model?.digest.startsWith(`sha256:${wanted}`)));
  const exact = versions.find(({ id }) => id === words);
  const [found, ...others] = exact ? [exact] : versions.filter(isMeant);
  if (found && others.length === 0) return found;
  const known = versions.map(({ id, model }) => `${id} (${model ? `${model.name} ${model.version}` : 'unreadable'})`);
  const what = found
    ? `one version that is meant by ${words}, there are ${others.length + 1}`
    : `a version, got ${words}`;
  throw new FramescribeError('VERSION_NOT_FOUND', `Expected ${what}: ${known.join(', ')}`);
}

/**
 * Puts a kept version back into its place, with all that people have corrected since; what stands there is kept.
 *
 * @throws {FramescribeError} RESULT_CONFLICT, RESULT_INVALID
 */
export async function restoreVersion(
  store: Store,
  name: string,
  version: string,
  { vocabulary, tempDir, signal }: Pick<EditOptions, 'vocabulary' | 'tempDir' | 'signal'>,
): Promise<Result> {
  const replaces = await store.revision(name);
  if (replaces === null) throw new FramescribeError('RESULT_NOT_FOUND', `Expected a result at ${store.locate(name)}`);
  const { machine } = await readCorrected(store, name, version);
  const corrected = correct(machine, await readEdits(store, name), vocabulary);
  const as = versionIdOf(machine);
  await republish(store, name, corrected, { replaces, version, as, tempDir, signal });
  if (as !== version) await store.forget(name, version);
  return corrected.result;
}

async function versionOf(store: Store, name: string, id: string, version: string | undefined): Promise<Version> {
  const [result, bytes] = await Promise.all([
    readResult(store, name, { version }).catch(nullWhereDamaged),
    bytesOf(store, name, version).catch(nullWhereDamaged),
  ]);
  const { model = null, options = null, digest = null, edited } = result ?? {};
  return {
    id,
    isCurrent: version === undefined,
    model,
    options,
    digest,
    isEdited: edited !== undefined,
    bytes: bytes ?? 0,
  };
}

async function bytesOf(store: Store, name: string, version: string | undefined): Promise<number> {
  const parsed = manifest.safeParse(JSON.parse(String(await store.read(name, MANIFEST_FILE, version))));
  return parsed.data?.files.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
}

function nullWhereDamaged(error: unknown): null {
  const { kind } = FramescribeError.from(error);
  if (kind.retryable) throw error;
  return null;
}
