import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line between a browser and a server that breaks when it's told to. */
export interface UnsteadyLine extends AsyncDisposable {
  readonly url: string;
  /** Breaks the connection that next carries so many bytes towards the server, and keeps all others from being made. */
  breakAfter(bytes: number): void;
  mend(): void;
}

export async function openUnsteadyLine(target: string): Promise<UnsteadyLine> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let breaksAfter = Number.POSITIVE_INFINITY;
  let isBroken = false;
  const server = createServer((client) => {
    if (isBroken) return void client.destroy();
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let bytes = 0;
    client.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > breaksAfter) {
        isBroken = true;
        for (const socket of open) socket.destroy();
      } else if (!upstream.write(chunk)) {
        client.pause();
        upstream.once('drain', () => client.resume());
      }
    });
    client.on('end', () => upstream.end());
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakAfter: (bytes) => {
      breaksAfter = bytes;
    },
    mend: () => {
      breaksAfter = Number.POSITIVE_INFINITY;
      isBroken = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
