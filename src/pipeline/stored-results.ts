import { FramescribeError } from '../domain/errors.ts';
import { type Result, result as resultSchema } from '../domain/result.ts';
import { type RunReport, runReport } from '../domain/run.ts';
import type { Revision, Store } from '../storage/store.ts';

/**
 * Reads a result of a store, or of a version that is kept.
 *
 * @param file `machine.json` is the result as the model made it, where people have corrected it.
 * @throws {FramescribeError} RESULT_NOT_FOUND, RESULT_INVALID or STORE_…
 */
export async function readResult(
  store: Store,
  name: string,
  { file = 'result.json', version }: { readonly file?: string; readonly version?: string | undefined } = {},
): Promise<Result> {
  const bytes = await store.read(name, file, version);
  const parsed = resultSchema.safeParse(parseJson(String(bytes)));
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'it is none' };
  throw new FramescribeError('RESULT_INVALID', `Expected a result, but ${path.join('.') || 'it'}: ${message}`);
}

/** The `run.json` of a result; null where there is none that can be read. */
export async function readRun(store: Store, name: string): Promise<RunReport | null> {
  const bytes = await store.read(name, 'run.json').catch((error) => {
    if (isAboutOneResult(error)) return null;
    throw error;
  });
  return bytes && (runReport.safeParse(parseJson(String(bytes))).data ?? null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a walk over a store meets: `read` gives the result, or throws as {@link readResult}. */
export interface StoredResult {
  readonly name: string;
  readonly revision: Revision;
  readonly read: () => Promise<Result>;
}

const ASKED_AT_ONCE = 16;

/** Walks over all results of a store, a few at a time, in no particular order. The first failure ends it. */
export async function eachResult(store: Store, visit: (result: StoredResult) => Promise<void>): Promise<void> {
  const names = store.names()[Symbol.asyncIterator]();
  const take = async () => {
    for (let next = await names.next(); next.done !== true; next = await names.next()) {
      const name = next.value;
      const revision = await store.revision(name);
      if (revision !== null) await visit({ name, revision, read: () => readResult(store, name) });
    }
  };
  try {
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, take));
  } finally {
    await names.return?.();
  }
}

/** Whether an error is about one result only, so that a walk may go on past it. */
export function isAboutOneResult(error: unknown): boolean {
  const { code } = FramescribeError.from(error);
  return code === 'RESULT_INVALID' || code === 'RESULT_NOT_FOUND';
}
