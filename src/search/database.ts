import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { FramescribeError } from '../domain/errors.ts';

/** Tables in SQL, and a number that changes with them. */
export interface Schema {
  readonly version: number;
  readonly tables: string;
}

/**
 * Opens the database in a file, or begins one there with these tables.
 *
 * @throws {FramescribeError} SEARCH_INDEX_UNUSABLE
 */
export function openDatabase(file: string, { version: wanted, tables }: Schema): Database.Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const database = new Database(file);
    database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 5000;');
    const { user_version: version } = database.prepare('pragma user_version').get() as { user_version: number };
    if (version === 0) {
      database.transaction(() => database.exec(`${tables}\npragma user_version = ${wanted};`)).immediate();
    } else if (version !== wanted) throw new Error(`its version is ${version}, not ${wanted}`);
    return database;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FramescribeError('SEARCH_INDEX_UNUSABLE', `Expected a search index at ${file}, but ${why}`, { cause });
  }
}
