import { createHash } from 'node:crypto';
import { type Edits, edits as editsSchema, NO_EDITS } from '../domain/edits.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import { NO_VOCABULARY, type Vocabulary } from '../domain/vocabulary.ts';
import type { Store } from '../storage/store.ts';
import { applyEdits, type EditOutcome } from '../summary/apply-edits.ts';
import { sign } from './assemble.ts';
import { readResult } from './stored-results.ts';

export const EDITS_FILE = 'edits.json';
/** The result as the model made it, beside one that people have corrected. */
export const MACHINE_FILE = 'machine.json';

/** A model's result with what people say of it. */
export interface Corrected {
  readonly machine: Result;
  readonly edits: Edits;
  /** What readers get: the model's own where nobody has corrected anything. */
  readonly result: Result;
  readonly outcomes: readonly EditOutcome[];
}

/** Applies edits and signs what comes out. Pure: the same result, edits and vocabulary give the same bytes. */
export function correct(machine: Result, edits: Edits, vocabulary: Vocabulary): Corrected {
  if (edits.edits.length === 0) return { machine, edits, result: machine, outcomes: [] };
  const { result, outcomes } = applyEdits(machine, edits, vocabulary);
  const edited = { machine: machine.digest, edits: digestOf(edits) };
  return { machine, edits, outcomes, result: sign({ ...result, edited }) };
}

export function digestOf(edits: Edits): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(edits)).digest('hex')}`;
}

/**
 * The edits of a result; none where nobody has corrected it, or where there is no result.
 *
 * @throws {FramescribeError} RESULT_INVALID: its `edits.json` can't be read as what it should be. Nothing takes its place
 * before that is mended: it's people's work.
 */
export async function readEdits(store: Store, name: string, version?: string): Promise<Edits> {
  const bytes = await store.read(name, EDITS_FILE, version).catch((error) => {
    if (FramescribeError.from(error).code === 'RESULT_NOT_FOUND') return null;
    throw error;
  });
  return bytes === null ? NO_EDITS : parseEdits(String(bytes), store.locate(name));
}

function parseEdits(text: string, place: string): Edits {
  let reason = 'it is no JSON';
  try {
    const parsed = editsSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'it is none' };
    reason = `${path.join('.') || 'it'}: ${message}`;
  } catch {}
  throw new FramescribeError('RESULT_INVALID', `Expected ${EDITS_FILE} of ${place} to hold edits, but ${reason}`);
}

/**
 * A result of a store with what people say of it, as it stands there or in a version that is kept.
 *
 * @throws {FramescribeError} RESULT_NOT_FOUND, RESULT_INVALID
 */
export async function readCorrected(store: Store, name: string, version?: string): Promise<Corrected> {
  const result = await readResult(store, name, { version });
  if (result.edited === undefined) return { machine: result, edits: NO_EDITS, result, outcomes: [] };
  const edits = await readEdits(store, name, version);
  const machine = await readResult(store, name, { file: MACHINE_FILE, version });
  return { machine, edits, result, outcomes: applyEdits(machine, edits, NO_VOCABULARY).outcomes };
}

/** The digest by which a model's result is known, corrected or not. */
export function machineDigest({ edited, digest }: Result): string {
  return edited?.machine ?? digest;
}
