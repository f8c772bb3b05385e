import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { type BasicType, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { csvRow } from '../text/csv-row.ts';
import type { Cell, ColumnType, Table } from './tables.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A table that is being written to a file. The file has its name once it is whole. */
export interface TableFile {
  /** Returns when there is room for more. */
  add(rows: readonly (readonly Cell[])[]): Promise<void>;
  /** Ends the file and gives it its name, in the place of an older one. */
  finish(): Promise<void>;
  /** Leaves nothing behind. Harmless after `finish`. */
  abandon(): Promise<void>;
}

/** Begins a file for a table. Memory is bounded however many rows come. */
export function beginTableFile(file: string, format: ExportFormat, { columns }: Table): TableFile {
  const part = `${file}.part`;
  const body = format === 'parquet' ? parquetBody(part, columns) : lineBody(part, LINES[format], columns);
  return {
    add: body.add,
    finish: async () => {
      await body.end();
      await rename(part, file);
    },
    abandon: async () => {
      await body.end().catch(() => {});
      await rm(part, { force: true });
    },
  };
}

type Columns = Table['columns'];

interface Body {
  add(rows: readonly (readonly Cell[])[]): Promise<void>;
  end(): Promise<void>;
}

/** How a row becomes a line, and what the first line is. */
interface Lines {
  readonly head: (names: readonly string[]) => string;
  readonly line: (names: readonly string[], cells: readonly Cell[]) => string;
}

const LINES: Readonly<Record<'csv' | 'jsonl', Lines>> = {
  csv: { head: csvRow, line: (_, cells) => csvRow(cells) },
  jsonl: {
    head: () => '',
    line: (names, cells) => `${JSON.stringify(Object.fromEntries(names.map((name, at) => [name, cells[at]])))}\n`,
  },
};

function lineBody(part: string, { head, line }: Lines, columns: Columns): Body {
  const names = Object.keys(columns);
  const stream = createWriteStream(part);
  const ended = finished(stream);
  ended.catch(() => {}); // `end` tells.
  stream.write(head(names));
  return {
    add: async (rows) => {
      const text = rows.map((cells) => line(names, cells)).join('');
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), ended]);
    },
    end: async () => {
      stream.end();
      await ended;
    },
  };
}

const ROWS_IN_A_GROUP = 50_000;

const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  text: 'STRING',
  integer: 'INT64',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
};

function parquetBody(part: string, columns: Columns): Body {
  const columnsOf = (rows: readonly (readonly Cell[])[]) =>
    Object.entries(columns).map(([name, type], at) => ({
      name,
      type: PARQUET_TYPES[type],
      data: rows.map((cells) => parquetValue(cells[at] ?? null, type)),
    }));
  const schema = schemaFromColumnData({ columnData: columnsOf([]) });
  const writer = new ParquetWriter({ writer: fileWriter(part), schema, createdBy: 'framescribe' });
  let waiting: (readonly Cell[])[] = [];
  let isOver = false;
  const write = async () => {
    const rows = waiting;
    waiting = [];
    if (rows.length > 0) await writer.write({ columnData: columnsOf(rows), rowGroupSize: ROWS_IN_A_GROUP });
  };
  return {
    add: async (rows) => {
      waiting.push(...rows);
      if (waiting.length >= ROWS_IN_A_GROUP) await write();
    },
    end: async () => {
      if (isOver) return;
      isOver = true;
      await write();
      await writer.finish();
    },
  };
}

function parquetValue(cell: Cell, type: ColumnType): Cell | bigint {
  return type === 'integer' && typeof cell === 'number' ? BigInt(cell) : cell;
}
