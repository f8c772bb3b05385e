import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import { beginTableFile, type ExportFormat, type TableFile } from '../export/table-file.ts';
import { TABLES, type Table, type TableName } from '../export/tables.ts';
import type { Store } from '../storage/store.ts';
import { eachResult, isAboutOneResult } from './stored-results.ts';

export interface ExportOptions {
  readonly format: ExportFormat;
  readonly tables: readonly TableName[];
  /** Where the files go, one a table, such as `tags.parquet`. Made where it isn't there. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface Exported {
  readonly files: readonly string[];
  readonly results: number;
  /** Names of results that can't be read. */
  readonly unreadable: readonly string[];
}

/**
 * Writes tables of all results of a store. Files appear when they are whole; where it fails or is stopped, older ones
 * stay as they were.
 *
 * @throws {FramescribeError} OUTPUT_NOT_WRITABLE, DISK_FULL, STORE_…, CANCELLED
 */
export async function exportResults(store: Store, options: ExportOptions): Promise<Exported> {
  const { format, folder, signal } = options;
  const unreadable: string[] = [];
  let results = 0;
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw notWritable(folder, error);
  }
  const files: { readonly path: string; readonly table: Table; readonly file: TableFile }[] = [];
  try {
    for (const name of options.tables) {
      const path = join(folder, `${name}.${format}`);
      files.push({ path, table: TABLES[name], file: beginTableFile(path, format, TABLES[name]) });
    }
    await eachResult(store, async ({ name, read }) => {
      signal.throwIfAborted();
      try {
        const result = await read();
        results++;
        for (const { table, file } of files) await file.add(table.rowsOf(name, result));
      } catch (error) {
        if (!isAboutOneResult(error)) throw error;
        unreadable.push(name);
      }
    });
    for (const { file } of files) await file.finish();
  } catch (error) {
    for (const { file } of files) await file.abandon();
    throw notWritable(folder, error);
  }
  return { files: files.map(({ path }) => path), results, unreadable };
}

function notWritable(folder: string, cause: unknown): FramescribeError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR'].includes(code)) return FramescribeError.from(cause);
  return new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected a folder to write to, got ${code} at ${folder}`, {
    cause,
  });
}
