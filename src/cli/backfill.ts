import { Command } from 'commander';
import type { Backfills } from '../backfill/backfills.ts';
import type { Watcher } from '../backfill/drive-run.ts';
import type { RunView } from '../backfill/view.ts';
import type { Config } from '../domain/config.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { showDryRun } from './backfill-dry-run.ts';
import { type BackfillOptions, choicesOf, nameFor, withBackfillOptions } from './backfill-options.ts';
import { BackfillView, viewLines } from './backfill-view.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

interface Said {
  readonly json: boolean;
}

/** `framescribe backfill <source>` and its verbs: a whole back catalogue, stopped and resumed at will. */
export function backfillCommand(context: CommandContext): Command {
  const command = new Command('backfill')
    .description('describe a whole back catalogue: s3://bucket/prefix, a folder, or a list of sources')
    .argument('<source>', 'a list has one source a line, or is CSV with a column "source", or JSON lines');
  withBackfillOptions(command).action((source: string, options: BackfillOptions) => {
    if (options.dryRun) return showDryRun(source, options, context);
    const name = options.name ?? nameFor(source, new Date());
    if (!options.json) process.stderr.write(`run ${printable(name)}\n`);
    return withBackfills(context, (backfills) =>
      watched(context, options, backfills, (watcher) => backfills.start(source, name, choicesOf(options), watcher)),
    );
  });
  const verb = (word: string, description: string) =>
    command
      .command(word)
      .description(description)
      .argument('<name>', 'of the run')
      .option('--json', 'print JSON', false);
  verb('resume', 'go on with a run that is paused or was interrupted').action((name: string, options: Said) =>
    withBackfills(context, (backfills) =>
      watched(context, options, backfills, (watcher) => backfills.resume(name, watcher)),
    ),
  );
  verb('pause', 'submit nothing more; workers finish what they have at hand').action((name: string, options: Said) =>
    withBackfills(context, async (backfills) => {
      const view = await backfills.tell(name, 'pause', { signal: context.signal });
      tell(view, options);
    }),
  );
  verb('cancel', 'end a run for good, with the videos at hand').action((name: string, options: Said) =>
    withBackfills(context, async (backfills) => {
      const view = await backfills.tell(name, 'cancel', { signal: context.signal });
      tell(view, options);
    }),
  );
  verb('show', 'how far a run is')
    .option('--failures', 'print what has failed, as a list that `backfill` takes', false)
    .option('--report', 'print the report of a run that is over', false)
    .action((name: string, options: Said & { readonly failures: boolean; readonly report: boolean }) =>
      withBackfills(context, async (backfills) => {
        if (options.report) return void process.stdout.write((await backfills.report(name)).page);
        if (!options.failures) return tell(await backfills.show(name), options);
        for await (const failure of backfills.failures(name)) process.stdout.write(`${JSON.stringify(failure)}\n`);
      }),
    );
  command
    .command('list')
    .description('all runs that the store knows')
    .option('--json', 'print one line of JSON a run', false)
    .action((options: Said) =>
      withBackfills(context, async (backfills) => {
        for (const view of await backfills.list()) {
          process.stdout.write(options.json ? `${JSON.stringify(view)}\n` : `${viewLines(view)[0]}\n`);
        }
      }),
    );
  return command;
}

/** Whoever doesn't use the queue doesn't wait for BullMQ to load. */
async function withBackfills(
  context: CommandContext,
  work: (backfills: Backfills, config: Config) => Promise<void>,
): Promise<void> {
  const config = await loadConfig(context.env);
  await using backfills = await openAll(config);
  await work(backfills, config);
}

// A function of its own: in one that has `await using`, the compiler leaves the name of the file as it is.
async function openAll(config: Config): Promise<Backfills> {
  const { openBackfills } = await import('../backfill/backfills.ts');
  return openBackfills(config);
}

/** Drives a run with its state in sight, and tells at the end what has become of it. */
async function watched(
  context: CommandContext,
  options: Said,
  backfills: Backfills,
  work: (watcher: Watcher) => Promise<RunView>,
): Promise<void> {
  const shown = new BackfillView(process.stderr);
  const view = await work({
    signal: context.signal,
    onView: (now) => shown.update(now),
    onTrouble: (error) => shown.say(`waiting: ${error.message} [${error.code}]`),
  }).finally(() => shown.clear());
  tell(view, options);
  const { name, status, failed, reason } = view;
  if (status === 'ended' || status === 'cancelled') {
    process.stderr.write(`report: ${printable((await backfills.report(name)).place)}\n`);
  } else process.stderr.write(`go on with: framescribe backfill resume ${name}\n`);
  if (failed > 0 || reason !== null) context.setExitCode(3);
}

function tell(view: RunView, { json }: Said): void {
  process.stdout.write(json ? `${JSON.stringify(view)}\n` : `${viewLines(view).join('\n')}\n`);
}
