import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';

/** A folder of one process, for as long as that lives. */
export interface Place {
  readonly path: string;
  close(): Promise<void>;
}

const NAME = /^framescribe-work-[0-9a-f]{16}$/;
const SOCKET = /^framescribe-work-[0-9a-f]{16}\.alive$/;
/** What a socket's address has room for on every system, less the name. */
const LONGEST_BASE_BYTES = 60;
/** A socket comes before its folder: a young one without may be about to get it. */
const YOUNG_MS = 60_000;

/**
 * Makes a folder of our own below `base`. While this process lives, it listens at a socket beside the folder. The kernel
 * keeps that true: numbers of processes are used again and mean nothing in another container, and a clock may jump.
 *
 * @throws {FramescribeError} CONFIG_INVALID: the path of `base` is too long. OUTPUT_NOT_WRITABLE
 */
export async function claimPlace(base: string): Promise<Place> {
  if (Buffer.byteLength(base) > LONGEST_BASE_BYTES) {
    const got = `${Buffer.byteLength(base)}: ${base}`;
    throw new FramescribeError(
      'CONFIG_INVALID',
      `Expected a tempDir of at most ${LONGEST_BASE_BYTES} bytes, got ${got}`,
    );
  }
  const path = join(base, `framescribe-work-${randomBytes(8).toString('hex')}`);
  const server = createServer((socket) => socket.destroy());
  try {
    await mkdir(base, { recursive: true });
    server.listen(socketOf(path));
    await once(server, 'listening');
    await mkdir(path, { mode: 0o700 });
  } catch (cause) {
    server.close();
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected a folder to write to, got ${reason} at ${base}`, {
      cause,
    });
  }
  // It doesn't keep a process from ending.
  server.unref();
  const close = async () => {
    await rm(path, { recursive: true, force: true });
    if (server.listening) await once(server.close(), 'close');
  };
  return { path, close };
}

/** Removes the folders of processes that have ended. Only those of this user: others' aren't ours to judge. */
export async function sweepPlaces(base: string): Promise<void> {
  const names = await readdir(base).catch(() => []);
  for (const name of names.filter((name) => NAME.test(name))) {
    const path = join(base, name);
    const facts = await lstat(path).catch(() => null);
    if (!facts?.isDirectory() || facts.uid !== process.getuid?.() || (await isAlive(path))) continue;
    await rm(path, { recursive: true, force: true });
    await rm(socketOf(path), { force: true });
  }
  for (const name of names.filter((name) => SOCKET.test(name))) {
    const facts = await lstat(join(base, name)).catch(() => null);
    if (!facts || facts.uid !== process.getuid?.() || Date.now() - facts.mtimeMs < YOUNG_MS) continue;
    if (!(await isAlive(join(base, name.replace(/\.alive$/, ''))))) await rm(join(base, name), { force: true });
  }
}

/** A socket file that nobody listens at refuses, and one of a stopped process takes the connection in its queue. */
async function isAlive(path: string): Promise<boolean> {
  const socket = connect(socketOf(path));
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    return !['ECONNREFUSED', 'ENOENT'].includes(code);
  } finally {
    socket.destroy();
  }
}

function socketOf(path: string): string {
  return `${path}.alive`;
}
