import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, test } from 'vitest';
import { beginTableFile, type ExportFormat } from '../../src/export/table-file.ts';
import { TABLES, type Table, type TableName } from '../../src/export/tables.ts';
import { exampleResult } from '../render/example-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'framescribe-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(
  format: ExportFormat,
  table: Table,
  rows: readonly (readonly (string | number | boolean | null)[])[],
) {
  const file = join(mkdtempSync(join(folder, 'out-')), `table.${format}`);
  const body = beginTableFile(file, format, table);
  await body.add(rows);
  expect(existsSync(file)).toBe(false);
  await body.finish();
  await body.abandon();
  return file;
}

const READERS: Readonly<Record<ExportFormat, (file: string) => Promise<readonly Record<string, unknown>[]>>> = {
  csv: async (file) => parse(readFileSync(file), { columns: true }),
  jsonl: async (file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  parquet: async (file) => parquetReadObjects({ file: await asyncBufferFromFile(file) }),
};

const table: Table = {
  columns: { name: 'text', count: 'integer', share: 'number', sure: 'boolean' },
  rowsOf: () => [],
};
const rows = [
  ['plain', 1, 0.5, true],
  ['a "quote", a comma\nand a line', 2 ** 40, 0.25, false],
  ['=SUM(A1)', 0, 1, true],
  [null, 7, 0, false],
] as const;

describe.each(['jsonl', 'parquet', 'csv'] as const)('a table as %s', (format) => {
  test('holds the rows as they are', async () => {
    const read = await READERS[format](await written(format, table, rows));
    const plain = read.map(({ name, count, share, sure }) => [name, Number(count), Number(share), String(sure)]);
    const kept = rows.map(([name, count, share, sure]) => [name, count, share, String(sure)]);
    if (format === 'csv') {
      expect(plain).toEqual([...kept.slice(0, 2), ["'=SUM(A1)", 0, 1, 'true'], ['', 7, 0, 'false']]);
    } else expect(plain).toEqual(kept);
  });

  test('may be empty, and still tells its columns', async () => {
    const file = await written(format, table, []);
    expect(await READERS[format](file)).toEqual([]);
    if (format !== 'jsonl') expect(readFileSync(file, 'latin1')).toContain('share');
  });

  test('leaves the older file and nothing else when it is abandoned', async () => {
    const home = mkdtempSync(join(folder, 'out-'));
    const file = join(home, 'table.x');
    writeFileSync(file, 'older');
    const body = beginTableFile(file, format, table);
    await body.add(rows);
    await body.abandon();
    expect(readdirSync(home)).toEqual(['table.x']);
    expect(readFileSync(file, 'utf8')).toBe('older');
  });
});

test.each(Object.keys(TABLES) as TableName[])(
  'the table of %s has a cell for each column of each row',
  async (name) => {
    const made = TABLES[name].rowsOf('a-day', exampleResult());
    const read = await READERS.parquet(await written('parquet', TABLES[name], made));
    expect(read).toHaveLength(made.length);
    expect(made.length).toBeGreaterThan(0);
    const columns = Object.keys(TABLES[name].columns);
    for (const [at, row] of read.entries()) {
      const values = Object.values(row).map((value) => (typeof value === 'bigint' ? Number(value) : value));
      expect(Object.keys(row)).toEqual(columns);
      expect(values).toEqual(made[at]);
    }
  },
);
