import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** A pretended checkout: the real scripts, a small lockfile, and a PATH with nothing but what a test puts there. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'framescribe-house-'));

  constructor() {
    cpSync(join(ROOT, 'scripts'), join(this.folder, 'scripts'), { recursive: true });
    this.write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/zod': { version: '4.0.0' } } }));
    this.write('npm.js', NPM_THAT_TELLS);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Puts a program on the PATH that does what the shell script says. */
  program(name: string, script: string): void {
    this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.folder, 'bin', name), 0o755);
  }

  setUp(...args: string[]): { exitCode: number | null; said: string } {
    const done = spawnSync(process.execPath, [join(this.folder, 'scripts', 'setup.mjs'), ...args], {
      encoding: 'utf8',
      env: { PATH: join(this.folder, 'bin'), npm_execpath: join(this.folder, 'npm.js') },
    });
    return { exitCode: done.status, said: done.stdout + done.stderr };
  }

  /** What npm was called with, a line for each call. */
  npmCalls(): string[] {
    try {
      return readFileSync(join(this.folder, 'npm.log'), 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Notes its arguments, and leaves behind what the real one would. */
const NPM_THAT_TELLS = `
const { appendFileSync, cpSync, mkdirSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2).join(' ');
appendFileSync('npm.log', args + ' cuda=' + process.env.ONNXRUNTIME_NODE_INSTALL + '\\n');
if (args.startsWith('ci')) {
  mkdirSync('node_modules', { recursive: true });
  cpSync('package-lock.json', 'node_modules/.package-lock.json');
} else {
  mkdirSync('dist/src/cli', { recursive: true });
  writeFileSync('dist/src/cli/main.js', '');
}
`;
