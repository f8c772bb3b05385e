import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactor } from '../../src/observe/redact.ts';
import { secretsOf } from '../../src/observe/secrets.ts';

const redact = redactor([]);

describe('a line without secrets', () => {
  test.each([
    ['an address with a password', 'connect redis://user:hunter2@10.0.0.1:6379/0 failed', 'hunter2'],
    ['a password with a slash in it', 'redis://:hun/ter2@10.0.0.1', 'ter2'],
    ['a signed address', 'GET https://b.example/clip.mp4?X-Amz-Signature=cafe&X-Amz-Expires=9 gave 403', 'cafe'],
    ['a query without its address', 'GET /clip.mp4?sig=cafe', 'cafe'],
    ['a fragment', 'https://b.example/#access=cafe', 'cafe'],
    ['a header', 'Authorization: AWS4-HMAC-SHA256 Credential=x/y, Signature=cafe', 'cafe'],
    ['a header in JSON', '{"authorization":"Bearer cafe.babe"}', 'cafe'],
    ['JSON in JSON', JSON.stringify({ msg: JSON.stringify({ password: 'hunter2' }) }), 'hunter2'],
    ['an access key', 'key AKIAIOSFODNN7EXAMPLE was refused', 'AKIAIOSFODNN7EXAMPLE'],
    ['a webhook secret', 'whsec_Y2FmZQ== is too short', 'Y2FmZQ'],
    ['a setting', 'password=hunter2 host=a', 'hunter2'],
  ])('%s', (_name, text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });

  test('keeps what isn’t secret', () => {
    for (const text of [
      'completed: describe v1f',
      'https://b.example/clip.mp4',
      '{"tokens":12,"token":12,"job":"v1"}',
    ]) {
      expect(redact(text)).toBe(text);
    }
  });

  test('takes out known secrets however they are written', () => {
    const secret = 'pa"ss w\\örd/+=1';
    const known = redactor([secret]);
    for (const text of [secret, `x${encodeURIComponent(secret)}y`, JSON.stringify({ e: `say ${secret}` })]) {
      expect(known(text)).toContain('[redacted]');
      expect(known(text)).not.toMatch(/örd|%C3%B6rd/);
    }
  });

  test('takes no time that a lock would notice over a line made to take long', () => {
    for (const piece of ['a://', 'a-', '?a', 'token', 'password: ', '"token":', 'Bearer ', 'authorization']) {
      const times = [1, 2, 3].map(() => {
        const started = performance.now();
        redact(piece.repeat(8_000 / piece.length));
        return performance.now() - started;
      });
      expect(Math.min(...times), piece).toBeLessThan(25);
    }
  });

  test('leaves JSON what it was: JSON', () => {
    const names = fc.constantFrom('token', 'password', 'cookie', 'authorization', 'msg', 'url?a=b', 'secret');
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.constantFrom('redis://:a@b', 'password: "x', "token='", 'Bearer abc"', 'AKIAIOSFODNN7EXAMPLE\\'),
    );
    const value = fc.oneof(
      text,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(text),
      fc.dictionary(names, text),
    );
    fc.assert(
      fc.property(fc.dictionary(names, value), fc.array(text), (facts, secrets) => {
        const line = redactor(secrets.filter((secret) => /^[\w/ +=-]+$/.test(secret)))(JSON.stringify(facts));
        expect(Object.keys(JSON.parse(line)).length).toBeGreaterThanOrEqual(Math.min(1, Object.keys(facts).length));
      }),
      { numRuns: 400 },
    );
  });
});

test('the secrets of a process are those of its configuration and of variables with such names', () => {
  const secrets = secretsOf(
    { queue: { webhookSecret: 'whsec_c2VjcmV0', redisUrl: 'redis://:hun%2Fter2@a' } as never },
    { AWS_SECRET_ACCESS_KEY: 'cafe', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=babe,x=y', PATH: '/bin' },
  );
  expect(secrets).toEqual(expect.arrayContaining(['c2VjcmV0', 'hun%2Fter2', 'hun/ter2', 'cafe', 'babe']));
  expect(secrets).not.toContain('/bin');
});
