import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type ErrorCode, FramescribeError } from '../domain/errors.ts';
import type { AddressRule } from './addresses.ts';
import type { Network } from './network.ts';

/** Where requests may go, and what it's called when they can't. */
export interface Way {
  /** Plain `http://` too. */
  readonly allowHttp: boolean;
  readonly isAllowed: AddressRule;
  readonly network: Network;
  readonly codes: { readonly refused: ErrorCode; readonly unreachable: ErrorCode };
}

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request and the answer's body. */
  readonly signal: AbortSignal;
}

/** For each of a host's addresses but the last. */
const ATTEMPT_TIMEOUT_MS = 2000;

/**
 * Makes one request and gives the answer's head; its body is still to be read, as it was sent: nothing is followed or
 * decompressed. The host is looked up once, each address is checked, and the connection goes to one of those: what a
 * second look-up would tell doesn't count.
 *
 * @throws {FramescribeError} with a code of `way.codes`. Where `signal` ended it, with whatever Node.js makes of that.
 */
export async function openRequest(url: URL, outgoing: OutgoingRequest, way: Way): Promise<IncomingMessage> {
  const { method, headers, body, signal } = outgoing;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && way.allowHttp)) {
    const expected = way.allowHttp ? 'https:// or http://' : 'https://';
    throw new FramescribeError(way.codes.refused, `Expected ${expected}, got ${plainUrl(url)}`);
  }
  const addresses = await checkedAddresses(url, signal, way);
  const isSecure = url.protocol === 'https:';
  const request = (isSecure ? httpsRequest : httpRequest)({
    method,
    protocol: url.protocol,
    host: bareHost(url),
    ...(url.port !== '' && { port: Number(url.port) }),
    path: `${url.pathname}${url.search}`,
    headers: { 'user-agent': 'framescribe', ...headers },
    lookup: lookupAmong(addresses),
    // A connection of its own for each request: none that was made under another rule is taken again.
    agent: new (isSecure ? HttpsAgent : HttpAgent)({ autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS }),
    signal,
    ...(way.network.ca !== undefined && { ca: way.network.ca }),
  });
  // A fault after the answer's head is told twice, by the request too.
  request.on('error', () => {});
  try {
    const answered = once(request, 'response', { signal }) as Promise<[IncomingMessage]>;
    request.end(body);
    const [response] = await answered;
    // Told to whoever reads the body; where nobody does any more, nobody needs to hear of it.
    response.on('error', () => {});
    return response;
  } catch (error) {
    request.destroy();
    if (signal.aborted) throw error;
    throw unreachable(url, error, way);
  }
}

/** A URL for people: without user name, password, query and fragment, which may be secret. */
export function plainUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The cause of a broken connection in a word. The error itself may hold what was sent, and isn't passed on. */
export function connectionFault(error: unknown): string {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: readonly unknown[] };
  return code ?? (errors?.length ? connectionFault(errors[0]) : (message ?? String(error)));
}

async function checkedAddresses(url: URL, signal: AbortSignal, way: Way): Promise<readonly string[]> {
  const host = bareHost(url);
  const addresses = isIP(host) ? [host] : await resolve(url, host, signal, way);
  const refused = addresses.find((address) => !way.isAllowed(address));
  if (refused === undefined && addresses.length > 0) return addresses;
  const got = refused === undefined ? 'none' : refused === host ? 'it' : `${refused} for it`;
  throw new FramescribeError(way.codes.refused, `Expected a public address at ${url.host}, got ${got}`);
}

async function resolve(url: URL, host: string, signal: AbortSignal, way: Way): Promise<readonly string[]> {
  signal.throwIfAborted();
  const stop = new AbortController();
  try {
    const aborted = once(signal, 'abort', { signal: stop.signal }).then(() => signal.throwIfAborted());
    return (await Promise.race([way.network.resolve(host), aborted])) ?? [];
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable(url, error, way);
  } finally {
    stop.abort();
  }
}

/** Answers every look-up with the addresses that were checked. */
function lookupAmong(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    if (options.all) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
}

function unreachable(url: URL, error: unknown, way: Way): FramescribeError {
  return new FramescribeError(
    way.codes.unreachable,
    `Expected an answer from ${url.host}, got ${connectionFault(error)}`,
  );
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}
