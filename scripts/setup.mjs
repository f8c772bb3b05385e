#!/usr/bin/env node
/**
 * Makes a fresh clone ready: `node scripts/setup.mjs [--tests]`. It needs nothing but Node.js and npm, does only
 * what is not done yet, and says a line for each thing it does. Exit code 2: something is missing that it can't install.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { providePrograms } from './programs.mjs';
import { runLoudly, say, stop } from './terminal.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const BUILD_STAMP = join(ROOT, 'dist', '.built');
const COMMAND = join(ROOT, 'dist', 'src', 'cli', 'main.js');
const BUILD_INPUTS = ['src', 'workers', 'bench', 'web', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

const forTests = process.argv.includes('--tests');

checkNode();
checkPlatform();
providePrograms({ forTests });
if (!packagesMatchLockfile()) installPackages();
if (!buildIsFresh()) build();

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    stop(`Expected Node.js 20 or newer, this is ${process.versions.node}: get one from https://nodejs.org`);
}

function checkPlatform() {
  const here = `${process.platform}-${process.arch}`;
  const known = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];
  if (!known.includes(here)) stop(`ONNX Runtime has no build for ${here}. It has one for ${known.join(', ')}.`);
  if (existsSync('/etc/alpine-release')) stop('ONNX Runtime has no build for musl: use a distribution with glibc.');
}

/** Whether each package of the lockfile is installed in its version; packages for other platforms may be absent. */
function packagesMatchLockfile() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const found = readPackages(installed);
  return Object.entries(readPackages(join(ROOT, 'package-lock.json'))).every(
    ([path, wanted]) =>
      path === '' || (path in found ? found[path].version === wanted.version : wanted.optional || wanted.devOptional),
  );
}

function readPackages(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}

function installPackages() {
  say('Installing packages: npm ci');
  // The package's own install script would fetch CUDA libraries; Framescribe runs on the processor.
  npm(['ci', '--include=dev', '--ignore-scripts', '--loglevel=error'], { ONNXRUNTIME_NODE_INSTALL: 'skip' });
}

function buildIsFresh() {
  if (!existsSync(BUILD_STAMP) || !existsSync(COMMAND)) return false;
  const builtMs = statSync(BUILD_STAMP).mtimeMs;
  return BUILD_INPUTS.every((path) => newestMs(join(ROOT, path)) <= builtMs);
}

function newestMs(path) {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  // A folder's own time tells of files that were taken away.
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), status.mtimeMs);
}

function build() {
  say('Compiling TypeScript: npm run build');
  const startedAt = new Date();
  npm(['run', '--silent', 'build']);
  chmodSync(COMMAND, 0o755); // so that `npx framescribe` finds a program here
  writeFileSync(BUILD_STAMP, '');
  utimesSync(BUILD_STAMP, startedAt, startedAt); // a file saved during the build counts as newer
}

function npm(args, env = {}) {
  const command = process.env.npm_execpath ? process.execPath : 'npm';
  const first = process.env.npm_execpath ? [process.env.npm_execpath] : [];
  const code = runLoudly(command, [...first, ...args], { cwd: ROOT, env: { ...process.env, ...env } });
  if (code !== 0) stop(`\`npm ${args.join(' ')}\` ended with exit code ${code}: see its lines above.`);
}
