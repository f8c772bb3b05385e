import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Config, listOf } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { addressRule } from '../network/addresses.ts';
import { type Network, systemNetwork } from '../network/network.ts';
import { openRequest, plainUrl } from '../network/request.ts';
import { signWebhook } from './webhook-signature.ts';

/** Something that happened, told to an application. */
export interface WebhookEvent {
  /** The same at each attempt, so that a receiver can tell that it has heard of it. Letters, digits, `_`, `-`. */
  readonly id: string;
  /** Such as `video.described`. */
  readonly type: string;
  /** When it happened, in ISO 8601. */
  readonly timestamp: string;
  readonly data: unknown;
}

export interface Webhook {
  readonly url: string;
  /** Both, while one is exchanged for the other. See `signWebhook`. */
  readonly secret: string | readonly string[];
  readonly event: WebhookEvent;
}

export interface Delivery {
  readonly status: number;
  readonly elapsedMs: number;
}

/** The receiver's words aren't needed, but a short answer is heard out, so that it isn't cut off. */
const MOST_ANSWER_BYTES = 64 * 1024;
const PASSING = [408, 425, 429];

/**
 * Makes one attempt to deliver an event, signed and stamped as Standard Webhooks 1.0 has it. Redirects aren't followed,
 * and addresses that aren't public aren't reached, unless allowed. What the receiver answers with counts by its status.
 *
 * @throws {FramescribeError} WEBHOOK_UNREACHABLE: another attempt may go better. WEBHOOK_GONE, WEBHOOK_REFUSED: none
 * will. CANCELLED
 */
export async function sendWebhook(
  { url, secret, event }: Webhook,
  settings: Pick<Config, 'notify'>,
  signal: AbortSignal,
  network: Network = systemNetwork,
): Promise<Delivery> {
  const { allowHttp, allowedNetworks, timeoutMs } = settings.notify;
  const target = targetOf(url);
  const outgoing = signed(secret, event);
  const codes = { refused: 'WEBHOOK_REFUSED', unreachable: 'WEBHOOK_UNREACHABLE' } as const;
  const way = { allowHttp, isAllowed: addressRule(listOf(allowedNetworks)), network, codes };
  const start = performance.now();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    signal.throwIfAborted();
    const either = AbortSignal.any([signal, stop.signal]);
    const response = await openRequest(target, { method: 'POST', ...outgoing, signal: either }, way);
    const { statusCode = 0 } = response;
    await hearOut(response, either).catch(() => {});
    judge(target, statusCode);
    return { status: statusCode, elapsedMs: Math.round(performance.now() - start) };
  } catch (error) {
    if (error instanceof FramescribeError) throw error;
    if (signal.aborted) throw new FramescribeError('CANCELLED', 'Stopped on request.', { cause: signal.reason });
    if (!stop.signal.aborted) throw FramescribeError.from(error);
    const expected = `Expected an answer from ${plainUrl(target)} within ${timeoutMs} ms`;
    throw new FramescribeError('WEBHOOK_UNREACHABLE', `${expected}, got none`);
  } finally {
    clearTimeout(timer);
  }
}

function targetOf(url: string): URL {
  // The error of the URL parser holds the URL with its secrets.
  if (!URL.canParse(url)) throw new FramescribeError('WEBHOOK_REFUSED', 'Expected the URL of a callback, got none');
  const target = new URL(url);
  if (target.username === '' && target.password === '') return target;
  throw new FramescribeError(
    'WEBHOOK_REFUSED',
    `Expected no user name or password in the URL, got ${plainUrl(target)}`,
  );
}

function signed(secret: Webhook['secret'], { id, type, timestamp, data }: WebhookEvent) {
  if (!/^[\w-]{1,200}$/.test(id)) {
    throw new FramescribeError(
      'WEBHOOK_REFUSED',
      `Expected an id of letters, digits, _ and -, got ${JSON.stringify(id)}`,
    );
  }
  const body = JSON.stringify({ type, timestamp, data });
  const sentSeconds = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'webhook-id': id,
    'webhook-timestamp': String(sentSeconds),
    'webhook-signature': signatures(secret, id, sentSeconds, body),
  };
  return { body, headers };
}

function signatures(secret: Webhook['secret'], id: string, sentSeconds: number, body: string): string {
  const secrets = typeof secret === 'string' ? [secret] : secret;
  try {
    return secrets.map((each) => signWebhook(each, id, sentSeconds, body)).join(' ');
  } catch (error) {
    throw new FramescribeError('WEBHOOK_REFUSED', error instanceof Error ? error.message : String(error));
  }
}

async function hearOut(response: IncomingMessage, signal: AbortSignal): Promise<void> {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) response.destroy();
  });
  await once(response, 'close', { signal });
}

function judge(target: URL, status: number): void {
  if (status >= 200 && status <= 299) return;
  const isPassing = status >= 500 || PASSING.includes(status);
  const code = status === 410 ? 'WEBHOOK_GONE' : isPassing ? 'WEBHOOK_UNREACHABLE' : 'WEBHOOK_REFUSED';
  throw new FramescribeError(code, `Expected ${plainUrl(target)} to accept the event, got status ${status}`);
}
