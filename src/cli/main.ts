#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { FramescribeError } from '../domain/errors.ts';
import { packageRoot } from '../pipeline/load-config.ts';
import { backfillCommand } from './backfill.ts';
import { cancelCommand } from './cancel.ts';
import { captionCommand } from './caption.ts';
import { concurrencyCommand } from './concurrency.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { editCommand } from './edit.ts';
import { exportCommand } from './export.ts';
import { modelsCommand } from './models.ts';
import { printError } from './print.ts';
import { purgeCommand } from './purge.ts';
import { retagCommand } from './retag.ts';
import { retryCommand } from './retry.ts';
import { searchCommand } from './search.ts';
import { serveCommand } from './serve.ts';
import { statusCommand } from './status.ts';
import { submitCommand } from './submit.ts';
import { sweepCommand } from './sweep.ts';
import { tokenCommand } from './token.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';
import { versionsCommand } from './versions.ts';
import { workerCommand } from './worker.ts';

const EXIT_STOPPED = 130;

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
  const commands = [
    captionCommand,
    verifyCommand,
    editCommand,
    diffCommand,
    versionsCommand,
    purgeCommand,
    retagCommand,
    searchCommand,
    exportCommand,
    modelsCommand,
    doctorCommand,
  ];
  const queueCommands = [
    upCommand,
    workerCommand,
    submitCommand,
    statusCommand,
    cancelCommand,
    retryCommand,
    backfillCommand,
    concurrencyCommand,
    sweepCommand,
    serveCommand,
    tokenCommand,
  ];
  for (const make of [...commands, ...queueCommands]) {
    const command = make(context).copyInheritedSettings(program);
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
