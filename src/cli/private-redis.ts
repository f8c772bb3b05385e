import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';

const PROGRAMS = ['redis-server', 'valkey-server'];
const START_MS = 10_000;

/** A Redis of our own, on a free port of this machine, with a password, and gone with everything in it at the end. */
export interface PrivateRedis extends AsyncDisposable {
  readonly url: string;
}

/** @throws {FramescribeError} QUEUE_UNAVAILABLE: there is no Redis to start. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'framescribe-redis-'));
  const password = randomBytes(24).toString('base64url');
  const port = await freePort();
  const settings = join(folder, 'redis.conf');
  // In a file: a command line can be read by everybody on the machine.
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(folder)}`,
    'save ""',
  ];
  await writeFile(settings, `${lines.join('\n')}\nmaxmemory-policy noeviction\n`, { mode: 0o600 });
  let child: ChildProcess | null = null;
  const stop = async () => {
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    child = await startOne(settings);
    return { url: `redis://:${password}@127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOne(settings: string): Promise<ChildProcess> {
  for (const program of PROGRAMS) {
    const child = spawn(program, [settings], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const started = await Promise.race([
      accepting(child),
      once(child, 'exit').then(
        () => false,
        () => false,
      ),
    ]);
    if (started) return child;
  }
  throw new FramescribeError(
    'QUEUE_UNAVAILABLE',
    `Expected ${PROGRAMS.join(' or ')} to start, or REDIS_URL to name one`,
  );
}

/** Reads its log to the end, so that it never waits for a reader. */
function accepting({ stdout }: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), START_MS);
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (!text.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
