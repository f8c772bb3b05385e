import { type Correction, type Edits, edits as editsSchema } from '../domain/edits.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Vocabulary } from '../domain/vocabulary.ts';
import type { Store } from '../storage/store.ts';
import { importEdits, recordEdits } from '../summary/record-edits.ts';
import { type Corrected, correct, readCorrected } from './corrected.ts';
import { republish } from './republish.ts';

export interface EditOptions {
  /** Who makes them; empty where nobody says. */
  readonly by: string;
  /** When, ISO 8601. */
  readonly at: string;
  /** The digest of the result that was looked at; where it's another by now, nothing is changed. */
  readonly expected?: string | undefined;
  /** What the house calls things: `tags` of the configuration. */
  readonly vocabulary: Vocabulary;
  /** Where pictures lie meanwhile; empty for the system's own. */
  readonly tempDir: string;
  readonly signal: AbortSignal;
}

/**
 * Corrects a result: the edits are kept beside it, and all its artifacts show them at once.
 *
 * @param given corrections by the ids of the result, or edits that were made on another result of the same video.
 * @throws {FramescribeError} EDITS_INVALID; EDIT_CONFLICT: somebody changed the result meanwhile; RESULT_NOT_FOUND, STORE_…
 */
export async function editResult(
  store: Store,
  name: string,
  given: readonly Correction[] | Edits,
  { by, at, expected, vocabulary, tempDir, signal }: EditOptions,
): Promise<Corrected> {
  const [replaces, as] = [await store.revision(name), await store.version(name)];
  if (replaces === null || as === null)
    throw new FramescribeError('RESULT_NOT_FOUND', `Expected a result at ${store.locate(name)}`);
  const before = await readCorrected(store, name);
  if (expected !== undefined && expected !== before.result.digest) {
    throw conflict(store.locate(name), `of digest ${expected}, it has ${before.result.digest}`);
  }
  const edits = isEdits(given)
    ? importEdits(before.edits, given)
    : recordEdits(before.result, before.edits, given, { by, at });
  const after = correct(before.machine, edits, vocabulary);
  if (after.result.digest === before.result.digest) return after;
  await republish(store, name, after, { replaces, as, tempDir, signal }).catch((error) => {
    if (FramescribeError.from(error).code !== 'RESULT_CONFLICT') throw error;
    throw conflict(store.locate(name), 'as it was, but somebody has changed it meanwhile', error);
  });
  return after;
}

/**
 * Reads what somebody wrote down: a list of corrections, alone or as `edits`, or a whole `edits.json`.
 *
 * @throws {FramescribeError} EDITS_INVALID
 */
export function parseGivenEdits(text: string): readonly Correction[] | Edits {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FramescribeError('EDITS_INVALID', `Expected JSON, but ${(cause as Error).message}`, { cause });
  }
  const isDocument = typeof value === 'object' && value !== null && 'schema' in value;
  if (isDocument) {
    const parsed = editsSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'it is none' };
    throw new FramescribeError('EDITS_INVALID', `Expected edits, but ${path.join('.') || 'it'}: ${message}`);
  }
  const list = Array.isArray(value) ? value : (value as { edits?: unknown } | null)?.edits;
  if (Array.isArray(list)) return list;
  throw new FramescribeError(
    'EDITS_INVALID',
    'Expected a list of corrections, or an object with such a list as `edits`',
  );
}

function isEdits(given: readonly Correction[] | Edits): given is Edits {
  return 'schema' in given;
}

function conflict(place: string, what: string, cause?: unknown): FramescribeError {
  return new FramescribeError('EDIT_CONFLICT', `Expected ${place} ${what}`, { cause });
}
