import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname, isAbsolute, resolve } from 'node:path';
import { parse as parseCsv } from 'csv-parse';
import { z } from 'zod';
import { FramescribeError } from '../domain/errors.ts';
import { isNamedLikeVideo } from '../media/video-names.ts';
import { labels, source } from '../queue/jobs.ts';

/** A source that a list names, or what is wrong with its line. */
export type Listed =
  | { readonly line: number; readonly source: string; readonly version?: string | undefined; readonly labels: Labels }
  | { readonly line: number; readonly problem: string };
type Labels = Readonly<Record<string, string>>;

const LONGEST_LINE = 64 * 1024;
const SNIFFED_BYTES = 4096;
const named = z.object({
  source: z.string().min(1),
  version: z.string().max(256).optional(),
  labels: labels.optional(),
});

/**
 * Reads a list of sources: one a line; CSV with a header and the column `source`, where other columns but `version` are
 * labels; or JSON lines with `source`, `labels` and `version`. A line that isn't right is told with its number, and the
 * others go on.
 *
 * @param folder relative paths are below it.
 * @throws {FramescribeError} LIST_INVALID: it isn't a list at all.
 */
export async function* readList(file: string, folder: string): AsyncGenerator<Listed> {
  const format = await formatOf(file);
  if (format === 'csv') yield* fromCsv(file, folder);
  else for await (const { line, text } of linesOf(file)) yield* fromLine(line, text, format, folder);
}

async function formatOf(file: string): Promise<'lines' | 'csv' | 'json'> {
  const head = await headOf(file);
  if (isNamedLikeVideo(file) || head.includes(0)) {
    throw new FramescribeError(
      'LIST_INVALID',
      `Expected a bucket, a folder or a list of sources, got one file: ${file}`,
    );
  }
  const extension = extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  return ['.jsonl', '.ndjson'].includes(extension) || /^\uFEFF?\s*\{/.test(head.toString('utf8')) ? 'json' : 'lines';
}

async function headOf(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new FramescribeError('LIST_INVALID', `Expected a list of sources that can be read, got ${code}: ${file}`, {
      cause,
    });
  }
}

function* fromLine(line: number, text: string | null, format: 'lines' | 'json', folder: string): Generator<Listed> {
  if (text === null) yield { line, problem: `Expected UTF-8 of at most ${LONGEST_LINE} bytes` };
  else if (text.trim() === '') return;
  else if (format === 'lines') yield checked(line, { source: text }, folder);
  else {
    const parsed = named.safeParse(parseJson(text));
    if (parsed.success) yield checked(line, parsed.data, folder);
    else yield { line, problem: `Expected JSON such as {"source":"s3://bucket/key"}: ${problemOf(parsed.error)}` };
  }
}

async function* fromCsv(file: string, folder: string): AsyncGenerator<Listed> {
  const parser = createReadStream(file).pipe(
    parseCsv({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_LINE,
    }),
  );
  let header: readonly string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (header === null) header = headerOf(record, file);
      else yield fromRow(info.lines, header, record, folder);
    }
  } catch (cause) {
    if (cause instanceof FramescribeError) throw cause;
    const { message, lines = 0 } = cause as Error & { lines?: number };
    if (header === null) throw new FramescribeError('LIST_INVALID', `Expected CSV in ${file}: ${message}`, { cause });
    // Nothing tells where the next row begins.
    yield { line: lines, problem: `Expected rows of CSV; this one and what follows is left out: ${message}` };
  }
}

function headerOf(record: readonly string[], file: string): readonly string[] {
  const header = record.map((cell) => cell.trim());
  if (header.includes('source')) return header;
  throw new FramescribeError(
    'LIST_INVALID',
    `Expected a first row with a column "source" in ${file}, got ${header.join(', ').slice(0, 200)}`,
  );
}

function fromRow(line: number, header: readonly string[], cells: readonly string[], folder: string): Listed {
  if (cells.length !== header.length) return { line, problem: `Expected ${header.length} cells, got ${cells.length}` };
  const row = Object.fromEntries(header.map((column, index) => [column, cells[index] ?? '']));
  const { source: address = '', version, ...others } = row;
  const found = Object.fromEntries(Object.entries(others).filter(([column, cell]) => column !== '' && cell !== ''));
  const parsed = named.safeParse({ source: address, labels: found, ...(version && { version }) });
  return parsed.success ? checked(line, parsed.data, folder) : { line, problem: problemOf(parsed.error) };
}

function checked(line: number, entry: z.infer<typeof named>, folder: string): Listed {
  const { source: text, version } = entry;
  const isPath = !/^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const address = source.safeParse(isPath && !isAbsolute(text) ? resolve(folder, text) : text);
  if (!address.success) return { line, problem: problemOf(address.error) };
  return { line, source: address.data, labels: entry.labels ?? {}, version };
}

/** Lines with their numbers, from 1; null for one that is too long or isn't UTF-8. */
async function* linesOf(file: string): AsyncGenerator<{ readonly line: number; readonly text: string | null }> {
  let rest = Buffer.alloc(0);
  let isTooLong = false;
  let line = 0;
  const take = (bytes: Buffer) => {
    line++;
    const text = isTooLong || bytes.length > LONGEST_LINE ? null : decode(bytes, line === 1);
    isTooLong = false;
    return { line, text };
  };
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      yield take(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST_LINE) [rest, isTooLong] = [Buffer.alloc(0), true];
  }
  if (rest.length > 0 || isTooLong) yield take(rest);
}

function decode(bytes: Buffer, isFirst: boolean): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: !isFirst }).decode(bytes);
    return text.replace(/\r$/, '');
  } catch {
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => [path.join('.'), message].filter((part) => part !== '').join(': '))
    .join('; ');
}
