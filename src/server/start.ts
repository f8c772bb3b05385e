import type { AddressInfo } from 'node:net';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Log } from '../observe/log.ts';
import { linkMaker } from '../storage/s3-links.ts';
import { parseS3Url } from '../storage/s3-url.ts';
import { openRooms } from './rooms.ts';
import { buildServer } from './server.ts';

export interface RunningServer extends AsyncDisposable {
  /** As this machine reaches it. */
  readonly url: string;
}

/**
 * Opens everything and listens. When it's disposed it takes no more requests, ends its streams of events, and waits for
 * what it has begun to answer, `server.graceMs` at most.
 *
 * @throws {FramescribeError} CONFIG_INVALID: the port isn't free, or others could get in; QUEUE_UNAVAILABLE, STORE_…
 */
export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const { host, port, graceMs } = config.server;
  const stop = new AbortController();
  const rooms = await openRooms(config, log);
  try {
    const api = await buildServer(rooms, await originOfLinks(config), stop.signal);
    await api.listen({ host, port }).catch((cause) => {
      const told = `Expected server.port ${port} on ${host} to be free: ${cause.message}`;
      throw new FramescribeError('CONFIG_INVALID', told, { cause });
    });
    const { address, family, port: taken } = api.server.address() as AddressInfo;
    let closing: Promise<void> | null = null;
    const close = async () => {
      stop.abort();
      rooms.streams[Symbol.dispose]();
      const grace = setTimeout(() => api.server.closeAllConnections(), graceMs);
      await api.close();
      clearTimeout(grace);
      await rooms[Symbol.asyncDispose]();
    };
    return {
      url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
      [Symbol.asyncDispose]: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await rooms[Symbol.asyncDispose]();
    throw error;
  }
}

/** Where browsers are sent for pictures and videos in S3: what the page may load them from. */
async function originOfLinks({ queue, storage }: Config): Promise<string | null> {
  if (!queue.store.startsWith('s3://')) return null;
  const { bucket, prefix } = parseS3Url(queue.store);
  return new URL(await linkMaker(bucket, storage.s3)(`${prefix}example`, 60)).origin;
}
