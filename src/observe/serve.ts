import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FramescribeError } from '../domain/errors.ts';

export interface ObservedProcess {
  /** In the text format of Prometheus. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Why it can't take work now; none where it can. */
  unready(): Promise<readonly string[]>;
}

export interface ObservationServer extends AsyncDisposable {
  readonly port: number;
}

const HEADERS_MS = 5_000;

/**
 * Serves `/metrics`, `/healthz` (the process answers) and `/readyz` (it can take work; 503 with the reasons where not).
 *
 * @param port 0 takes a free one.
 * @throws {FramescribeError} CONFIG_INVALID: it can't be opened.
 */
export async function serveObservations(
  observed: ObservedProcess,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ObservationServer> {
  const pages: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    '/metrics': async (response) => {
      const { contentType, text } = await observed.metrics();
      response.writeHead(200, { 'content-type': contentType }).end(text);
    },
    '/healthz': async (response) => say(response, 200, 'ok'),
    '/readyz': async (response) => {
      const reasons = await observed.unready();
      say(response, reasons.length === 0 ? 200 : 503, reasons.length === 0 ? 'ready' : reasons.join('\n'));
    },
  };
  const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS }, async (request, response) => {
    request.resume();
    const [path = ''] = (request.url ?? '').split('?');
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') say(response, 405, 'GET only');
    else if (page === undefined) say(response, 404, Object.keys(pages).join('\n'));
    else await page(response).catch((error: Error) => say(response, 500, error.name));
  });
  // Nobody waits for this server: not its process at the end.
  server.unref();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const told = `Expected observe.metricsPort ${port} on ${host} to be free: ${reason}`;
    throw new FramescribeError('CONFIG_INVALID', told, { cause });
  }
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

function say(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}
