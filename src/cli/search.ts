import { rm } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../pipeline/load-config.ts';
import { searchIndexFile } from '../pipeline/settings.ts';
import { isDue, updateIndex } from '../pipeline/update-index.ts';
import { openSearchIndex } from '../search/search-index.ts';
import type { Hit } from '../search/searcher.ts';
import { openStore } from '../storage/open-store.ts';
import type { CommandContext } from './context.ts';
import { type Labels, labelOption } from './label-option.ts';
import { wholeNumber } from './numbers.ts';
import { clock, printable } from './print.ts';

interface SearchCommandOptions {
  readonly in?: string;
  readonly tag: readonly string[];
  readonly label: Labels;
  readonly since?: number;
  readonly until?: number;
  readonly minConfidence: number;
  readonly limit: number;
  readonly update?: boolean;
  readonly rebuild: boolean;
  readonly json: boolean;
}

/** `framescribe search <words…>`: where something is seen, in all results of a store. */
export function searchCommand(context: CommandContext): Command {
  return new Command('search')
    .description('find videos, and the moments in them, by what is seen')
    .argument('[words...]', 'all of them must be there; "two words" for a phrase; after --, -word for none of it')
    .option('--in <store>', 'the store: a folder or s3://bucket/prefix (default: queue.store)')
    .option(
      '--tag <name>',
      'only videos with this tag; may be given again',
      (tag, tags: string[]) => [...tags, tag],
      [],
    )
    .addOption(labelOption('only videos with this label; may be given again'))
    .option('--since <date>', 'described then or later: 2026-01-31, or with a time', moment)
    .option('--until <date>', 'described before then', moment)
    .option('--min-confidence <share>', 'leave out what is less sure, 0 to 1', share, 0)
    .option('--limit <videos>', 'how many to show', wholeNumber(1, 10_000), 20)
    .option('--update', 'look at the store first, also where that takes long and was done not long ago')
    .option('--no-update', 'search the index as it is, without a look at the store')
    .option('--rebuild', 'make the index anew', false)
    .option('--json', 'print the hits as JSON', false)
    .action((words: string[], options: SearchCommandOptions) => search(words, options, context));
}

async function search(words: readonly string[], options: SearchCommandOptions, context: CommandContext): Promise<void> {
  const config = await loadConfig(context.env);
  const place = options.in ?? config.queue.store;
  const store = await openStore(place, config.storage);
  const file = searchIndexFile(config, place);
  if (options.rebuild) for (const part of ['', '-wal', '-shm']) await rm(file + part, { force: true });
  using index = openSearchIndex(file);
  const last = index.lastUpdate();
  if (options.rebuild || (options.update ?? isDue(last, Date.now()))) {
    const { put, removed, unreadable } = await updateIndex(store, index, context.signal);
    if (put + removed > 0) say(`index: ${put} read, ${removed} gone`);
    for (const name of unreadable) say(`${store.locate(name)} can't be read as a result, and is left out`);
  } else if (last && options.update === undefined) {
    say(`index: as of ${new Date(last.startedMs).toISOString()}; --update looks at the store again`);
  }
  const { tag: tags, label: labels, since: sinceMs, until: untilMs, minConfidence, limit } = options;
  const filters = { tags, labels, sinceMs, untilMs, minConfidence, limit };
  const hits = index.search(words.map(asTyped).join(' '), filters);
  if (options.json) return void process.stdout.write(`${JSON.stringify(hits)}\n`);
  for (const hit of hits) process.stdout.write(`${shown(hit, store.locate(hit.name))}\n`);
  if (hits.length === 0) say('nothing found');
}

/** The shell has taken the quotes of a phrase away. */
function asTyped(word: string): string {
  return /\s/.test(word) && !word.includes('"') ? `"${word}"` : word;
}

function shown({ source, durationMs, moments }: Hit, place: string): string {
  const lines = moments.map(({ timeMs, text, keyframe, confidence }) => {
    return `  ${clock(timeMs)}  ${text}  (${keyframe}, ${confidence.toFixed(2)})`;
  });
  return [`${source}  ${clock(durationMs)}  ${place}`, ...lines].map(printable).join('\n');
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}

function moment(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError('Expected a date such as 2026-01-31, or 2026-01-31T09:00Z.');
}

function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}
