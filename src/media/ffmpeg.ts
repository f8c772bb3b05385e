import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { FramescribeError } from '../domain/errors.ts';

export interface ProgramOptions {
  readonly signal: AbortSignal;
  /** Wall time after which the program is stopped with DEADLINE_EXCEEDED; null where the caller keeps the time. */
  readonly deadlineMs: number | null;
  /** How many pipes the program writes to: file descriptors 3, 4 and so on. */
  readonly pipes: number;
  /**
   * A pipe of a program started in the same turn, which this one reads as its standard input: nothing of it passes through here.
   * Nothing where it's left out.
   */
  readonly input?: Readable;
  /** Each whole line of standard error, cut to 1000 characters. */
  readonly onLine?: (line: string) => void;
}

export interface RunningProgram {
  /** The readable ends of file descriptors 3, 4 and so on. */
  readonly pipes: readonly Readable[];
  /**
   * Settles once the process is gone, and no earlier. Rejects with the reason where it was stopped, or FFMPEG_MISSING.
   * A pipe may hold bytes that were not read yet.
   */
  readonly gone: Promise<ProgramExit>;
  /** Ends the process: SIGTERM, and SIGKILL half a second later. The first reason counts. */
  stop(reason: FramescribeError): void;
}

export interface ProgramExit {
  /** Null where a signal that wasn't ours ended it. */
  readonly exitCode: number | null;
  /** Errors and warnings on standard error, the last few of them. */
  readonly lastLines: readonly string[];
  /** What the process and its threads used, as FFmpeg's `-benchmark` tells; null where it said nothing. */
  readonly cpuSeconds: number | null;
}

const KILL_AFTER_MS = 500;

/** Starts FFmpeg or ffprobe without a shell. Nothing else in Framescribe starts a program. */
export function startProgram(program: string, args: readonly string[], options: ProgramOptions): RunningProgram {
  const extra = Array.from({ length: options.pipes }, () => 'pipe' as const);
  const stdio: StdioOptions = [options.input ?? 'ignore', 'ignore', 'pipe', ...extra];
  const child: ChildProcess = spawn(program, args, { stdio, windowsHide: true });
  const pipes = child.stdio.slice(3) as Readable[];
  for (const pipe of pipes) pipe.on('error', () => {}); // A broken pipe shows as its end, and in the exit code.
  const log = readLog(child, options.onLine);

  let reason: FramescribeError | null = null;
  let kill: NodeJS.Timeout | undefined;
  const stop = (why: FramescribeError) => {
    if (reason) return;
    reason = why;
    child.kill('SIGTERM');
    for (const pipe of pipes) pipe.destroy();
    kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  };
  const cancel = () => stop(new FramescribeError('CANCELLED', 'Stopped on request.', { cause: options.signal.reason }));
  const deadline =
    options.deadlineMs === null
      ? undefined
      : setTimeout(() => stop(deadlineError(program, options.deadlineMs ?? 0)), options.deadlineMs);

  const gone = new Promise<ProgramExit>((resolve, reject) => {
    let settled = false;
    const settle = (outcome: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(kill);
      clearTimeout(deadline);
      options.signal.removeEventListener('abort', cancel);
      outcome();
    };
    child.once('error', (cause) => {
      // Also told when a signal could not be sent; then the process still runs, and its exit settles this.
      if (child.pid === undefined) settle(() => reject(reason ?? missingError(program, cause)));
    });
    child.once('exit', async (exitCode) => {
      clearTimeout(kill);
      await log.ended;
      settle(() => (reason ? reject(reason) : resolve({ exitCode, ...log.told() })));
    });
  });
  gone.catch(() => {}); // The caller may look at the pipes first.
  if (options.signal.aborted) cancel();
  else options.signal.addEventListener('abort', cancel, { once: true });
  return { pipes, gone, stop };
}

/** What a failed exit means, where the caller has no better word for it. */
export function exitError(what: string, exit: ProgramExit): FramescribeError {
  const lines = exit.lastLines.join('\n');
  if (/No space left on device|Disk quota exceeded/.test(lines)) {
    return new FramescribeError('DISK_FULL', `Expected ${what}, but there was no space left.\n${lines}`);
  }
  const how = exit.exitCode === null ? 'was killed' : `ended with exit code ${exit.exitCode}`;
  return new FramescribeError('FFMPEG_FAILED', `Expected ${what}, but FFmpeg ${how}.\n${lines}`);
}

const LINES_KEPT = 12;
const LINE_LENGTH = 1000;

function readLog(child: ChildProcess, onLine: ((line: string) => void) | undefined) {
  const lastLines: string[] = [];
  let cpuSeconds: number | null = null;
  let rest = '';
  const take = (whole: string) => {
    const line = whole.slice(0, LINE_LENGTH);
    const used = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(line);
    if (used) cpuSeconds = Number(used[1]) + Number(used[2]);
    if (/\[(warning|error|fatal|panic)\]/.test(line)) {
      lastLines.push(line.slice(0, 300));
      if (lastLines.length > LINES_KEPT) lastLines.shift();
    }
    onLine?.(line);
  };
  const stderr = child.stderr;
  stderr?.setEncoding('utf8');
  stderr?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_LENGTH);
    for (const line of lines) take(line);
  });
  const ended = new Promise<void>((resolve) => {
    if (!stderr || child.pid === undefined) resolve();
    else stderr.once('close', resolve).once('error', resolve);
  });
  return { ended, told: () => ({ lastLines, cpuSeconds }) };
}

function deadlineError(program: string, deadlineMs: number): FramescribeError {
  return new FramescribeError(
    'DEADLINE_EXCEEDED',
    `Expected ${program} to end within ${deadlineMs} ms, but it ran on.`,
  );
}

function missingError(program: string, cause: Error): FramescribeError {
  const why = (cause as NodeJS.ErrnoException).code ?? cause.message;
  return new FramescribeError(
    'FFMPEG_MISSING',
    `Expected the program ${program}, but it could not be started: ${why}`,
    {
      cause,
    },
  );
}
