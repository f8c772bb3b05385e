import { z } from 'zod';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { openStore } from '../storage/open-store.ts';
import type { Revision, Store } from '../storage/store.ts';

/** Below the results; a dot keeps it from being taken for one. */
const RUNS = '.backfill';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** What a run keeps in the store: documents by name, each replaced as a whole. */
export interface RunPlace {
  readonly name: string;
  /** How a person names it. */
  locate(document: string): string;
  /** Null where there is none. */
  read(document: string, file: string): Promise<Buffer | null>;
  revision(document: string): Promise<Revision | null>;
  /**
   * @param replaces what may be replaced; anything where nothing is said.
   * @throws {FramescribeError} RESULT_CONFLICT: somebody else has replaced it.
   */
  write(document: string, files: Readonly<Record<string, string>>, replaces?: Revision | null): Promise<void>;
}

/** @throws {FramescribeError} USAGE: it isn't the name of a run. */
export async function openRunPlace(storePlace: string, name: string, settings: Config['storage']): Promise<RunPlace> {
  checkRunName(name);
  const store = await openStore(`${below(storePlace)}/${name}`, settings);
  return {
    name,
    locate: (document) => store.locate(document),
    revision: (document) => store.revision(document),
    read: (document, file) => readIfThere(store, document, file),
    write: async (document, files, replaces) => {
      const publication = await store.begin(document, replaces === undefined ? {} : { replaces });
      try {
        for (const [file, text] of Object.entries(files)) await publication.put(file, Buffer.from(text));
        await publication.commit();
      } catch (error) {
        await publication.abort();
        throw error;
      }
    },
  };
}

/** The names of all runs that a store knows, sorted. */
export async function runNames(storePlace: string, settings: Config['storage']): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of (await openStore(below(storePlace), settings)).names())
    if (NAME.test(name)) names.push(name);
  return names.sort();
}

/** @throws {FramescribeError} USAGE */
export function checkRunName(name: string): void {
  if (NAME.test(name)) return;
  const expected = 'a name of letters, digits and . _ - between them, at most 80';
  throw new FramescribeError('USAGE', `Expected ${expected}, got ${JSON.stringify(name)}`);
}

/** Reads a document of one JSON value a line. */
export function parseLines<Schema extends z.ZodType>(bytes: Buffer, schema: Schema): readonly z.infer<Schema>[] {
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return z.array(schema).parse(lines.map((line) => JSON.parse(line)));
}

export function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function below(storePlace: string): string {
  return `${storePlace.replace(/\/+$/, '')}/${RUNS}`;
}

async function readIfThere(store: Store, document: string, file: string): Promise<Buffer | null> {
  return store.read(document, file).catch((error) => {
    if (FramescribeError.from(error).code === 'RESULT_NOT_FOUND') return null;
    throw error;
  });
}
