import { spawn } from 'node:child_process';
import { once } from 'node:events';

const COMMAND = 'dist/src/cli/main.js';

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiled command line to its end. */
export async function framescribe(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return start(args, env).ended;
}

/** Starts the compiled command line. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([exitCode]): Run => ({ exitCode, stdout, stderr }));
  return { child, ended, stderr: () => stderr };
}
