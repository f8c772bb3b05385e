#!/usr/bin/env node
/**
 * Carries out the steps of the Dockerfile without a container engine, in folders that take the place of images:
 * `node scripts/dockerfile-root.mjs BASE OUT`. BASE is a bare Debian root (`debootstrap --variant=minbase bookworm BASE`); this
 * machine's Node.js and npm are put into a copy of it, as the base image has them. OUT becomes the last stage. Needs root.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONTEXT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const [base, out] = process.argv.slice(2);
if (!base || !out) throw new Error('Expected: dockerfile-root.mjs BASE OUT');

const run = (program, ...args) => execFileSync(program, args, { stdio: 'inherit' });
const sent = readFileSync(join(CONTEXT, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

const stages = new Map();
let stage = null;
for (const [word, rest] of instructions(readFileSync(join(CONTEXT, 'Dockerfile'), 'utf8'))) {
  console.error(`${word} ${rest.split('\n')[0]}`);
  if (word === 'FROM') from(rest);
  else if (word === 'WORKDIR') workdir(rest);
  else if (word === 'ENV') stage.env.push(rest);
  else if (word === 'USER') stage.user = rest;
  else if (word === 'COPY') copy(rest.split(/\s+/));
  else if (word === 'RUN') chroot(rest);
  else if (!['HEALTHCHECK', 'ENTRYPOINT', 'CMD'].includes(word))
    throw new Error(`Expected a known instruction, got ${word}`);
}
for (const { root } of [...stages.values()].filter(({ root }) => root !== out)) rmSync(root, { recursive: true });

/** Comments away, lines joined: `[word, rest]`. */
function instructions(text) {
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => /^(\S+)\s+(.*)$/s.exec(line).slice(1));
}

function from(rest) {
  const [, name] = / AS (\S+)$/i.exec(rest) ?? [];
  stage = { root: name ? `${out}.${name}` : out, workdir: '/', env: [], user: 'root' };
  stages.set(name ?? '', stage);
  run('cp', '-a', base, stage.root);
  // What the official image of Node.js has more than Debian: the program, npm, and a user.
  const npm = realpathSync(join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm'));
  for (const folder of ['bin', 'lib/node_modules'])
    mkdirSync(join(stage.root, 'usr/local', folder), { recursive: true });
  copyFileSync(process.execPath, join(stage.root, 'usr/local/bin/node'));
  cpSync(npm, join(stage.root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  run('ln', '-sf', '../lib/node_modules/npm/bin/npm-cli.js', join(stage.root, 'usr/local/bin/npm'));
  chroot('useradd --uid 1000 --user-group --create-home node');
  for (const file of ['/etc/resolv.conf', '/etc/hosts']) copyFileSync(file, join(stage.root, file));
  settingsOfThisMachine();
}

function workdir(folder) {
  stage.workdir = folder;
  mkdirSync(join(stage.root, folder), { recursive: true });
}

/** Proxies, certificates and registries: what a container engine is told by its own settings. */
function settingsOfThisMachine() {
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(https?_proxy|no_proxy|npm_config_|NODE_EXTRA_CA)/i.test(name),
  );
  stage.machine = passed.map(([name, value]) => `${name}=${value}`);
  for (const file of [process.env.NODE_EXTRA_CA_CERTS, '/etc/ssl/certs/ca-certificates.crt'].filter(Boolean)) {
    if (!existsSync(file)) continue;
    mkdirSync(join(stage.root, dirname(file)), { recursive: true });
    copyFileSync(file, join(stage.root, file));
  }
  for (const folder of ['/etc/apt/apt.conf.d', '/etc/apt/sources.list.d', '/etc/apt/sources.list']) {
    if (existsSync(folder)) cpSync(folder, join(stage.root, folder), { recursive: true });
  }
  const npmrc = join(process.env.HOME ?? '/root', '.npmrc');
  if (existsSync(npmrc)) appendFileSync(join(stage.root, 'root/.npmrc'), readFileSync(npmrc));
}

function copy(words) {
  const source = words[0].startsWith('--from=') ? stages.get(words.shift().slice(7)).root : null;
  const target = words.pop();
  for (const word of words) {
    if (source === null && !sent.some((allowed) => matches(word, allowed))) {
      throw new Error(`Expected .dockerignore to let ${word} through`);
    }
    const place = target.endsWith('/') ? posix.join(target, posix.basename(word)) : target;
    const to = join(stage.root, posix.resolve(stage.workdir, place));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(source ?? CONTEXT, word), to, { recursive: true, verbatimSymlinks: true });
  }
}

function matches(word, allowed) {
  const pattern = new RegExp(`^${allowed.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`);
  return pattern.test(word.replace(/^\.\//, ''));
}

function chroot(command) {
  const env = [`PATH=${PATH}`, 'HOME=/root', ...(stage.machine ?? []), ...stage.env];
  run('chroot', stage.root, '/usr/bin/env', '-i', ...env, 'sh', '-c', `cd ${stage.workdir} && ${command}`);
}
