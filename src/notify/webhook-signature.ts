import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request as a receiver got it. */
export interface ReceivedWebhook {
  /** Names in any case; of several values of one name the first counts. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> | Headers;
  /** To the byte: not parsed and written again. */
  readonly body: string | Uint8Array;
}

export interface VerifyOptions {
  /** How far the sender's clock and ours may differ, delivery included. Default: five minutes. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since 1970. */
  readonly nowMs?: number;
}

const SECRET = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/;
const LEAST_SECRET_BYTES = 24;

/**
 * Signs what is sent, as Standard Webhooks 1.0 has it: HMAC-SHA256 over `id.timestamp.body`, in base64 after `v1,`.
 *
 * @param secret `whsec_` and 24 bytes or more in base64.
 * @throws {TypeError} The secret isn't one. Doesn't repeat it.
 */
export function signWebhook(secret: string, id: string, timestampSeconds: number, body: string | Uint8Array): string {
  const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestampSeconds}.`).update(body);
  return `v1,${hmac.digest('base64')}`;
}

/**
 * Whether a webhook comes from somebody who knows the secret, and was sent lately. An `id` that has been seen before is
 * for the receiver to notice. While a secret is exchanged for another, both may be given.
 *
 * @example
 * if (!verifyWebhook({ headers: request.headers, body: rawBody }, secret)) return reply(401);
 * @throws {TypeError} A secret isn't one.
 */
export function verifyWebhook(
  webhook: ReceivedWebhook,
  secrets: string | readonly string[],
  { toleranceSeconds = 300, nowMs = Date.now() }: VerifyOptions = {},
): boolean {
  const id = headerOf(webhook, 'webhook-id');
  const timestamp = headerOf(webhook, 'webhook-timestamp');
  const offered = headerOf(webhook, 'webhook-signature').split(' ');
  const known = typeof secrets === 'string' ? [secrets] : secrets;
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const expected = known.map((secret) => Buffer.from(signWebhook(secret, id, Number(timestamp), webhook.body)));
  return offered.some((signature) => expected.some((each) => isSame(each, Buffer.from(signature))));
}

function keyOf(secret: string): Buffer {
  const key = Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64');
  if (key.length >= LEAST_SECRET_BYTES) return key;
  throw new TypeError(`Expected a secret of whsec_ and at least ${LEAST_SECRET_BYTES} bytes in base64`);
}

function headerOf({ headers }: ReceivedWebhook, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? '';
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}

/** Takes the same time wherever the difference is. How long a signature is, is no secret. */
function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
