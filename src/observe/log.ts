import { type Logger, pino } from 'pino';
import type { Config } from '../domain/config.ts';
import { prettyLine } from './pretty.ts';
import type { Redact } from './redact.ts';

/** What happened, in order of weight. Facts come first, then the sentence: `log.info({ job }, 'taken')`. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export interface OpenLog extends AsyncDisposable {
  readonly log: Log;
}

export interface LogOptions {
  readonly settings: Config['observe'];
  readonly redact: Redact;
  /** In every line, such as the worker's name. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** File descriptor. */
  readonly fd: number;
}

/** A reader that has stopped reading costs this much memory; then lines are dropped. */
const UNREAD_BYTES = 4 * 1024 * 1024;
const FLUSH_MS = 1_000;

/**
 * Opens a log: a line of JSON for each event, or a line for a person. Writing never waits for the reader, as the process
 * that logs holds the locks of jobs. The last lines are written when it's disposed.
 */
export function openLog({ settings, redact, facts, isTerminal, fd }: LogOptions): OpenLog {
  const isPretty = settings.logFormat === 'pretty' || (settings.logFormat === 'auto' && isTerminal);
  const destination = pino.destination({ fd, sync: false, maxLength: UNREAD_BYTES });
  destination.on('error', () => {}); // Nobody reads any more: no reason to stop working.
  const write = (line: string) => {
    destination.write(redact(isPretty ? prettyLine(line) : line));
  };
  const log = pino(
    {
      level: settings.logLevel,
      base: facts,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
  return { log, [Symbol.asyncDispose]: () => flushed(destination) };
}

async function flushed(destination: ReturnType<typeof pino.destination>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS);
  });
  const written = new Promise<void>((resolve) => destination.flush(() => resolve()));
  await Promise.race([written, late]).finally(() => clearTimeout(timer));
}
