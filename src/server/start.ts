import type { AddressInfo } from 'node:net';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Log } from '../observe/log.ts';
import { linkOrigins } from './link-origins.ts';
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
    const api = await buildServer(rooms, await linkOrigins(config), stop.signal);
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
