import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signWebhook, verifyWebhook } from '../../src/notify/webhook-signature.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NOW = 1_800_000_000;
const BODY = '{"type":"video.described","data":{"name":"Hündin"}}';

function received(changes: Readonly<Record<string, string>> = {}, body: string | Uint8Array = BODY) {
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(NOW),
    'webhook-signature': signWebhook(SECRET, 'msg_1', NOW, BODY),
    ...changes,
  };
  return { headers, body };
}
const verify = (
  webhook: Parameters<typeof verifyWebhook>[0],
  secrets: string | readonly string[] = SECRET,
  nowS = NOW,
) => verifyWebhook(webhook, secrets, { nowMs: nowS * 1000 });

describe('a signature', () => {
  test('is the one that the specification of Standard Webhooks gives as its example', () => {
    const body = '{"test": 2432232314}';
    const signature = signWebhook(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      body,
    );
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('is made over id, timestamp and body with the bytes of the secret', () => {
    const key = Buffer.alloc(32, 7);
    const expected = createHmac('sha256', key).update(`msg_1.${NOW}.${BODY}`).digest('base64');
    expect(signWebhook(SECRET, 'msg_1', NOW, BODY)).toBe(`v1,${expected}`);
  });

  test.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'not base64!', `whsec_${'A'.repeat(40)} `])(
    'needs a secret, and does not repeat what is none: %j',
    (secret) => {
      const attempt = () => signWebhook(secret, 'msg_1', NOW, BODY);
      expect(attempt).toThrow(TypeError);
      if (secret.length > 6) expect(attempt).not.toThrow(secret);
    },
  );
});

describe('verifying', () => {
  test('takes what was signed, as text or bytes, with headers of any kind', () => {
    const { headers } = received();
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
    expect(verify(received())).toBe(true);
    expect(verify(received({}, Buffer.from(BODY)))).toBe(true);
    expect(verify({ headers: new Headers(headers), body: BODY })).toBe(true);
    expect(verify({ headers: upper, body: BODY })).toBe(true);
  });

  test('refuses a change of any kind', () => {
    const signature = received().headers['webhook-signature'];
    const changes = [
      { 'webhook-id': 'msg_2' },
      { 'webhook-id': '' },
      { 'webhook-timestamp': String(NOW + 1) },
      { 'webhook-timestamp': `${NOW}.0` },
      { 'webhook-timestamp': 'now' },
      { 'webhook-signature': '' },
      { 'webhook-signature': signature.replace('v1,', 'v1a,') },
      { 'webhook-signature': signature.slice(0, -1) },
      { 'webhook-signature': signature.slice(3) },
    ];
    for (const change of changes) expect([change, verify(received(change))]).toEqual([change, false]);
    expect(verify(received({}, `${BODY} `))).toBe(false);
    expect(verify({ headers: {}, body: BODY })).toBe(false);
    expect(verify(received(), `whsec_${randomBytes(32).toString('base64')}`)).toBe(false);
  });

  test('refuses any body but the signed one', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !verify(received({}, bytes))));
  });

  test('refuses what is older or newer than the tolerance', () => {
    expect(verify(received(), SECRET, NOW + 300)).toBe(true);
    expect(verify(received(), SECRET, NOW - 300)).toBe(true);
    expect(verify(received(), SECRET, NOW + 301)).toBe(false);
    expect(verify(received(), SECRET, NOW - 301)).toBe(false);
    expect(verifyWebhook(received(), SECRET, { nowMs: (NOW + 20) * 1000, toleranceSeconds: 10 })).toBe(false);
    expect(verifyWebhook(received(), SECRET)).toBe(false);
  });

  test('takes either secret while one is exchanged for the other', () => {
    const other = `whsec_${randomBytes(24).toString('base64')}`;
    const both = [SECRET, other].map((secret) => signWebhook(secret, 'msg_1', NOW, BODY)).join(' ');
    expect(verify(received(), [other, SECRET])).toBe(true);
    expect(verify(received({ 'webhook-signature': both }), other)).toBe(true);
    expect(verify(received({ 'webhook-signature': `v1a,x v1, ${both}` }))).toBe(true);
  });

  test('needs nothing but what Node.js has', () => {
    const source = readFileSync(new URL('../../src/notify/webhook-signature.ts', import.meta.url), 'utf8');
    expect([...source.matchAll(/from '(.+)'/g)].map(([, from]) => from)).toEqual(['node:crypto']);
  });
});
