import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type HourlyCap, parseHours } from '../backfill/hours.ts';
import type { RunChoices } from '../backfill/make-spec.ts';
import type { BackfillMode } from '../backfill/run-spec.ts';
import type { ScanMode } from '../domain/scan-plan.ts';
import { resultName } from '../pipeline/source.ts';
import { wholeNumber } from './numbers.ts';
import { scanOption } from './scan-option.ts';

export interface BackfillOptions {
  readonly name?: string;
  readonly missing?: boolean;
  readonly stale?: boolean;
  readonly all?: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly since?: number;
  readonly maxBytes?: number;
  readonly anyName: boolean;
  readonly label: readonly string[];
  readonly model?: string;
  readonly scan?: ScanMode;
  readonly waiting?: number;
  readonly jobsPerMinute?: number;
  readonly bytesPerSecond?: number;
  readonly concurrency?: HourlyCap[];
  readonly pauseAfter?: number;
  readonly dryRun: boolean;
  readonly sample: number;
  readonly measure: number;
  readonly json: boolean;
}

const MOST = Number.MAX_SAFE_INTEGER;

export function withBackfillOptions(command: Command): Command {
  const several = (text: string, all: readonly string[]) => [...all, text];
  return command
    .option('--name <name>', 'of the run, to speak of it later (default: from the source and the time)')
    .addOption(
      new Option('--missing', 'what has no result of this model and options (the default)').conflicts(['stale', 'all']),
    )
    .addOption(new Option('--stale', 'what has a result of another model').conflicts(['missing', 'all']))
    .addOption(new Option('--all', 'everything').conflicts(['missing', 'stale']))
    .option('--include <glob>', 'only these, such as "1998/**"; may be given again', several, [])
    .option('--exclude <glob>', 'not these; may be given again', several, [])
    .option('--since <date>', 'only what has changed since, such as 2024-05-31', date)
    .option('--max-bytes <n>', 'only files up to this size', wholeNumber(1, MOST))
    .option('--any-name', 'files that are not named like videos too', false)
    .option('--label <key=value>', 'for every video; may be given again', several, [])
    .option('--model <name>', 'captioning model')
    .addOption(scanOption())
    .option(
      '--waiting <n>',
      'back-catalogue jobs that the queue may hold, waiting (default: 200)',
      wholeNumber(1, 10_000),
    )
    .option('--jobs-per-minute <n>', 'submit no more than this', wholeNumber(1, MOST))
    .option('--bytes-per-second <n>', 'submit no faster than sources of this size, on average', wholeNumber(1, MOST))
    .option('--concurrency <n|hours>', 'videos at the same time, such as 20 or 8-18=2,18-8=20', hours)
    .option(
      '--pause-after <n>',
      'failures in a row with the same code pause the run (default: 20)',
      wholeNumber(1, 1_000_000),
    )
    .option('--dry-run', 'submit nothing: count, and estimate what it would take', false)
    .option('--sample <n>', 'of a dry run: videos whose length is looked up', wholeNumber(1, 100_000), 40)
    .option(
      '--measure <n>',
      'of a dry run: videos that are described here where the store tells too little',
      wholeNumber(0, 1000),
      4,
    )
    .option('--json', 'print what became of the run as one line of JSON on stdout', false);
}

export function choicesOf(options: BackfillOptions): RunChoices {
  const { include, exclude, since, maxBytes, anyName, model, scan } = options;
  const { waiting, jobsPerMinute, bytesPerSecond, concurrency, pauseAfter } = options;
  const mode: BackfillMode = options.all ? 'all' : options.stale ? 'stale' : 'missing';
  return {
    mode,
    filters: {
      include: [...include],
      exclude: [...exclude],
      anyName,
      sinceMs: since ?? null,
      maxBytes: maxBytes ?? null,
    },
    limits: { waiting, jobsPerMinute, bytesPerSecond, concurrency, pauseAfter },
    labels: Object.fromEntries(options.label.map(labelOf)),
    options: { ...(model !== undefined && { model }), ...(scan !== undefined && { scan }) },
  };
}

/** Such as `tapes-20261125-0830`. */
export function nameFor(source: string, now: Date): string {
  const base = resultName(basename(source.replace(/\/+$/, '')))
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${base || 'run'}-${time}`;
}

function labelOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at < 1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function date(text: string): number {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError('Expected a date such as 2024-05-31 or 2024-05-31T12:00Z.');
}

function hours(text: string) {
  try {
    return [...parseHours(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
