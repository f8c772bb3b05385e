import { Command, Option } from 'commander';
import { EXPORT_FORMATS, type ExportFormat } from '../export/table-file.ts';
import { TABLES, type TableName } from '../export/tables.ts';
import { exportResults } from '../pipeline/export-results.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { openStore } from '../storage/open-store.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

const NAMES = Object.keys(TABLES) as TableName[];

interface ExportCommandOptions {
  readonly in?: string;
  readonly out: string;
  readonly format: ExportFormat;
  readonly table?: readonly TableName[];
}

/** `framescribe export`: tables of all results of a store, for a warehouse. */
export function exportCommand(context: CommandContext): Command {
  return new Command('export')
    .description('write tables of videos, shots, captions and tags, over all results of a store')
    .option('--in <store>', 'the store: a folder or s3://bucket/prefix (default: queue.store)')
    .option('--out <folder>', 'where the files go, one a table', './framescribe-export')
    .addOption(new Option('--format <format>', 'of the files').choices(EXPORT_FORMATS).default('csv'))
    .addOption(new Option('--table <names...>', 'only these').choices(NAMES))
    .action((options: ExportCommandOptions) => exportAll(options, context));
}

async function exportAll({ out, format, table, ...options }: ExportCommandOptions, context: CommandContext) {
  const config = await loadConfig(context.env);
  const store = await openStore(options.in ?? config.queue.store, config.storage);
  const { signal } = context;
  const { files, results, unreadable } = await exportResults(store, {
    ...{ format, folder: out, signal, tables: table ?? NAMES },
  });
  for (const name of unreadable) {
    process.stderr.write(`${printable(store.locate(name))} can't be read as a result, and is left out\n`);
  }
  if (unreadable.length > 0) context.setExitCode(3);
  process.stdout.write(`${results} results\n${files.map((file) => `${printable(file)}\n`).join('')}`);
}
