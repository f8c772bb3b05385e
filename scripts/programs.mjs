import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ask, runQuietly, say, stop } from './terminal.mjs';

const OLDEST_FFMPEG = [5, 1];

/** Programs that npm can't bring: names to look for, and the package that has them, by package manager. */
const FFMPEG = {
  title: 'FFmpeg 5.1 or newer (ffmpeg and ffprobe)',
  packages: { 'apt-get': 'ffmpeg', dnf: 'ffmpeg-free', pacman: 'ffmpeg', brew: 'ffmpeg', winget: 'Gyan.FFmpeg' },
  found: () =>
    findProgram([process.env.FRAMESCRIBE_FFMPEG_PATH ?? 'ffmpeg']) !== null &&
    findProgram([process.env.FRAMESCRIBE_FFMPEG_FFPROBE_PATH ?? 'ffprobe']) !== null,
};
const REDIS = {
  title: 'redis-server',
  packages: { 'apt-get': 'redis-server', dnf: 'redis', pacman: 'redis', brew: 'redis' },
  without: 'tests of the queue are left out',
  found: () => findProgram(['redis-server', 'valkey-server']) !== null,
};
const CHROMIUM = {
  title: 'Chromium',
  packages: { 'apt-get': 'chromium', dnf: 'chromium', pacman: 'chromium', brew: '--cask chromium' },
  without: 'tests in a browser are left out',
  found: () => findProgram(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) !== null,
};

const S3_PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool'];
const S3_SERVER = {
  title: "an S3 server for tests (Ceph's RADOS Gateway)",
  packages: { 'apt-get': 'ceph-mon ceph-osd radosgw ceph-common' },
  without: 'tests against S3 are left out',
  found: () => S3_PROGRAMS.every((program) => findProgram([program]) !== null),
};

const INSTALL_COMMANDS = {
  'apt-get': 'sudo apt-get install',
  dnf: 'sudo dnf install',
  pacman: 'sudo pacman -S',
  brew: 'brew install',
  winget: 'winget install',
};

/**
 * Finds FFmpeg, and for the tests Redis, Chromium and an S3 server too; what is missing comes by apt-get where that
 * may be done without a password. Ends the process where FFmpeg can't be had: nothing works without it.
 */
export function providePrograms({ forTests }) {
  const missing = [FFMPEG, ...(forTests ? [REDIS, CHROMIUM, S3_SERVER] : [])].filter((program) => !program.found());
  const apt = missing.length > 0 ? passwordlessApt() : null;
  if (apt) {
    say('Fetching the list of packages: apt-get update');
    aptGet(apt, ['update', '-qq']);
  }
  for (const program of missing) provide(program, apt);
  checkFfmpegVersion();
}

function provide(program, apt) {
  if (apt) {
    const name = program.packages['apt-get'];
    say(`Installing ${program.title}: apt-get install ${name}`);
    aptGet(apt, ['install', '-y', '-qq', '--no-install-recommends', ...name.split(' ')]);
    if (program.found()) return;
  }
  const line = `${program.title} is missing. ${advice(program)}`;
  if (program.without === undefined) stop(line);
  say(`${line} Until then ${program.without}.`);
}

/** The words to put before apt-get, or null where there is no apt-get or it would ask for a password. */
function passwordlessApt() {
  if (findProgram(['apt-get']) === null) return null;
  if (process.getuid() === 0) return [];
  return findProgram(['sudo']) !== null && ask('sudo', ['-n', 'true']) !== null ? ['sudo', '-n'] : null;
}

function aptGet(prefix, args) {
  // RUNLEVEL=1 keeps freshly installed services from starting: the tests start their own.
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const [command, ...rest] = [...prefix, 'env', ...settings, 'apt-get', ...args];
  runQuietly(command, rest);
}

function advice(program) {
  const manager = Object.keys(INSTALL_COMMANDS).find((name) => findProgram([name]) !== null);
  const name = program.packages[manager];
  return name === undefined ? 'Install it and put it on the PATH.' : `Install it: ${INSTALL_COMMANDS[manager]} ${name}`;
}

function checkFfmpegVersion() {
  const text = ask(process.env.FRAMESCRIBE_FFMPEG_PATH ?? 'ffmpeg', ['-version']);
  if (text === null)
    stop('`ffmpeg -version` fails: install FFmpeg again, or name another with FRAMESCRIBE_FFMPEG_PATH.');
  // Builds from Git have a date or a hash instead of a version: those are taken as new enough.
  const version = /^ffmpeg version n?(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  if (version !== undefined && isOlder(version, OLDEST_FFMPEG)) {
    stop(
      `Expected FFmpeg ${OLDEST_FFMPEG.join('.')} or newer, found ${version.join('.')}: get a newer one from ` +
        'https://ffmpeg.org/download.html and name it with FRAMESCRIBE_FFMPEG_PATH and FRAMESCRIBE_FFMPEG_FFPROBE_PATH.',
    );
  }
}

function isOlder([major, minor], [otherMajor, otherMinor]) {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** The first of these programs that is on the PATH (or is a path itself), null where none is. */
export function findProgram(names) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = names.flatMap((name) => (/[\\/]/.test(name) ? [name] : folders.map((folder) => join(folder, name))));
  return places.flatMap((place) => endings.map((ending) => place + ending)).find(isExecutable) ?? null;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
