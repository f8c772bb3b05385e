import { spawnSync } from 'node:child_process';

/** A line for the person at the terminal; stdout stays free for results. */
export function say(line) {
  process.stderr.write(`framescribe: ${line}\n`);
}

/** Says what is missing and ends: exit code 2 is wrong usage or set-up. */
export function stop(line) {
  say(line);
  process.exit(2);
}

/** Runs a program whose output the person sees. Its exit code; 127 where it can't be started. */
export function runLoudly(command, args, options = {}) {
  const done = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    // npm is a batch file on Windows, which only a shell starts.
    shell: process.platform === 'win32' && command === 'npm',
    ...options,
  });
  return done.error ? 127 : (done.status ?? 1);
}

/** Runs a program whose output matters only where it fails. */
export function runQuietly(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 << 20 });
  if (done.status !== 0) process.stderr.write(done.stderr ?? `${done.error}\n`);
}

/** Runs a program and gives its standard output; null where it fails. */
export function ask(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return done.status === 0 ? done.stdout : null;
}
