#!/usr/bin/env node
import '../pipeline/own-process.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { FramescribeError } from '../domain/errors.ts';
import { packageRoot } from '../pipeline/load-config.ts';
import type { CommandContext } from './context.ts';
import { printError } from './print.ts';

const EXIT_STOPPED = 130;

type LoadCommand = () => Promise<(context: CommandContext) => Command>;

/** In the order of the help. Each brings libraries of its own: a third of a second for all of them. */
const COMMANDS: Readonly<Record<string, LoadCommand>> = {
  caption: async () => (await import('./caption.ts')).captionCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  edit: async () => (await import('./edit.ts')).editCommand,
  diff: async () => (await import('./diff.ts')).diffCommand,
  versions: async () => (await import('./versions.ts')).versionsCommand,
  purge: async () => (await import('./purge.ts')).purgeCommand,
  retag: async () => (await import('./retag.ts')).retagCommand,
  search: async () => (await import('./search.ts')).searchCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  models: async () => (await import('./models.ts')).modelsCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  up: async () => (await import('./up.ts')).upCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
  submit: async () => (await import('./submit.ts')).submitCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  cancel: async () => (await import('./cancel.ts')).cancelCommand,
  retry: async () => (await import('./retry.ts')).retryCommand,
  backfill: async () => (await import('./backfill.ts')).backfillCommand,
  concurrency: async () => (await import('./concurrency.ts')).concurrencyCommand,
  sweep: async () => (await import('./sweep.ts')).sweepCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  token: async () => (await import('./token.ts')).tokenCommand,
};

process.exitCode = await main(process.argv);

async function main(argv: readonly string[]): Promise<number> {
  const stop = stopOnSignals();
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  let exitCode = 0;
  let endsByStop = false;
  const context = {
    env: process.env,
    signal: stop,
    endsByStop: () => {
      endsByStop = true;
    },
    setExitCode: (code: number) => (exitCode = Math.max(exitCode, code)),
  };
  const program = new Command('framescribe')
    .description('Describes videos: shots, keyframes, captions, chapters, tags and a summary.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see framescribe --help)');
  for (const load of wantedCommands(argv[2])) {
    const command = (await load())(context).copyInheritedSettings(program);
    for (const inner of command.commands) inner.copyInheritedSettings(program);
    program.addCommand(command);
  }
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Commander has said already what is wrong with the words on the line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (stop.aborted && !endsByStop) return EXIT_STOPPED;
    const known = FramescribeError.from(error);
    printError(known);
    return known.kind.exitCode;
  }
  // All is done and closed by now; a connection that hangs somewhere is no reason to stay.
  if (stop.aborted && endsByStop) process.exit(exitCode);
  return stop.aborted ? EXIT_STOPPED : exitCode;
}

/** The command that is named, or, where none is, all of them. */
function wantedCommands(name: string | undefined): readonly LoadCommand[] {
  const named = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return named ? [named] : Object.values(COMMANDS);
}

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT_STOPPED);
      controller.abort();
    });
  }
  // A reader that went away (`| head`) ends the output, not the process with a stack trace.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 4));
  return controller.signal;
}
