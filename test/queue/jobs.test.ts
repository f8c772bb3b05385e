import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_KINDS, type ErrorCode, FramescribeError } from '../../src/domain/errors.ts';
import { readFailure, writeFailure } from '../../src/queue/failure.ts';
import { describeId } from '../../src/queue/job-id.ts';
import { describePayload, type JobOptions, PAYLOADS, source } from '../../src/queue/jobs.ts';
import type { Handlers } from '../../workers/processor.ts';

describe('the payload of a describe job', () => {
  const payload = { source: 's3://bucket/clip.mp4', options: {}, labels: {} };

  test('has a source, and nothing that nobody knows', () => {
    expect(describePayload.safeParse(payload).success).toBe(true);
    expect(describePayload.safeParse({ ...payload, secret: 'x' }).success).toBe(false);
    expect(describePayload.safeParse({ ...payload, options: { model: '../../etc' } }).success).toBe(false);
  });

  test.each(['https://example.com/a.mp4', 's3://bucket/some/key', '/videos/a.mp4', 'C:\\videos\\a.mp4'])(
    'takes %s',
    (address) => {
      expect(source.safeParse(address).success).toBe(true);
    },
  );

  test.each([
    'https://user:password@example.com/a.mp4',
    'https://bucket.s3.amazonaws.com/a.mp4?X-Amz-Signature=0123&X-Amz-Credential=AK',
    'https://storage.googleapis.com/b/a.mp4?x-goog-signature=0123',
    'https://account.blob.core.windows.net/c/a.mp4?sv=2024&sig=0123',
    'a.mp4',
    'file:///etc/passwd',
    's3://bucket',
    '',
  ])('refuses %s', (address) => {
    expect(source.safeParse(address).success).toBe(false);
  });
});

describe('describeId', () => {
  test('is the same for the same options in another order, and another one for any other choice', () => {
    const id = (options: JobOptions, version?: string) => describeId('s3://b/k', version, options);
    expect(id({ beam: 2, formats: ['md', 'vtt'] })).toBe(id({ formats: ['vtt', 'md'], beam: 2 }));
    const ids = [id({}), id({ beam: 2 }), id({ nBest: 2 }), id({}, 'v2'), describeId('s3://b/k2', undefined, {})];
    expect(new Set(ids).size).toBe(ids.length);
    expect(id({})).toMatch(/^v[0-9a-f]{31}$/);
  });
});

describe('a failure', () => {
  const codes = Object.keys(ERROR_KINDS) as ErrorCode[];

  test('comes back from its line with code and message, whatever is in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...codes), fc.string(), (code, message) => {
        const read = readFailure(writeFailure(new FramescribeError(code, message)));
        expect(read).toEqual({ code, message, retryable: ERROR_KINDS[code].retryable });
      }),
    );
  });

  test.each([
    ['job stalled more than allowable limit', 'WORKER_LOST'],
    ['NO_SUCH_CODE: what', 'INTERNAL'],
    ['', 'INTERNAL'],
  ])('of another kind has a code too: %s', (line, code) => {
    expect(readFailure(line)).toMatchObject({ code, message: line });
  });
});

test('a type of job without a handler or without a payload does not compile', () => {
  // @ts-expect-error: `notify` is missing.
  const handlers: Handlers = { describe: async () => Promise.reject(new Error()) };
  // @ts-expect-error: `describe` is missing.
  const payloads: typeof PAYLOADS = { notify: PAYLOADS.notify, segment: PAYLOADS.segment };
  expect(Object.keys({ ...handlers, ...payloads }).sort()).toEqual(Object.keys(PAYLOADS).sort());
});
