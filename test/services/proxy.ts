import { once } from 'node:events';
import { createServer, type IncomingMessage, request as startRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to a request: passed on; its answer lost after the server has done the work; or none of it arrives. */
export type Fate = 'pass' | 'lose-answer' | 'lose-request';

/** Something between a client and an HTTP server that loses what it's told to. */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
}

/** @param fateOf is asked once for each request. */
export async function startProxy(target: string, fateOf: (request: IncomingMessage) => Fate): Promise<Proxy> {
  const server = createServer((request, response) => {
    const fate = fateOf(request);
    if (fate === 'lose-request') return void request.socket.destroy();
    const { hostname, port } = new URL(target);
    const { method, url: path, headers } = request;
    const onward = startRequest({ hostname, port, method, path, headers }, (answer) => {
      if (fate === 'lose-answer') return void request.socket.destroy();
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
