import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_KINDS, type ErrorCode, FramescribeError } from '../../src/domain/errors.ts';

const codes = Object.keys(ERROR_KINDS) as ErrorCode[];
const documented = new Map(
  [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \| .+ \| (yes|no) \|$/gm)].map(
    ([, code = '', retry = '']) => [code, retry],
  ),
);

describe('the error table', () => {
  test('is documented, code by code, with whether a retry may help', () => {
    const table = new Map(codes.map((code) => [code, ERROR_KINDS[code].retryable ? 'yes' : 'no']));
    expect(documented).toEqual(table);
  });

  test.each(codes)('%s advises in a whole sentence', (code) => {
    expect(ERROR_KINDS[code].advice).toMatch(/^[A-Z].+[.]$/);
  });
});

describe('FramescribeError.from', () => {
  test('keeps an error of ours as it is', () => {
    const error = new FramescribeError('SOURCE_EMPTY', 'Expected a video, got nothing');
    expect(FramescribeError.from(error)).toBe(error);
  });

  test.each([
    [Object.assign(new Error('write failed'), { code: 'ENOSPC' }), 'DISK_FULL'],
    [new DOMException('This operation was aborted', 'AbortError'), 'CANCELLED'],
    [new TypeError('undefined is not a function'), 'INTERNAL'],
    ['a string', 'INTERNAL'],
  ])('names the cause of %s', (cause, code) => {
    const error = FramescribeError.from(cause);
    expect(error.code).toBe(code);
    expect(error.cause).toBe(cause);
  });
});
