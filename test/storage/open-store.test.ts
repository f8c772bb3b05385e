import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import defaults from '../../config/default.json' with { type: 'json' };
import { config } from '../../src/domain/config.ts';
import { openResult, openStore } from '../../src/storage/open-store.ts';
import { parseS3Url } from '../../src/storage/s3-url.ts';

const { storage } = config.parse(defaults);

describe('the place of a store', () => {
  test.each([
    ['out', join(resolve('out'), 'clip')],
    ['/some/where', '/some/where/clip'],
    ['s3://bucket', 's3://bucket/clip'],
    ['s3://bucket/', 's3://bucket/clip'],
    ['s3://bucket/a prefix/ünïcode%2e', 's3://bucket/a prefix/ünïcode%2e/clip'],
    ['S3-is-a-folder', join(resolve('S3-is-a-folder'), 'clip')],
  ])('%j has its result "clip" at %s', async (place, expected) => {
    const store = await openStore(place, storage);
    expect(store.locate('clip')).toBe(expected);
  });

  test.each([
    'https://example.com/out',
    's3://',
    's3://b',
    's3:///prefix',
    's3://user:password@bucket/prefix',
    's3://bucket//prefix',
    's3://bucket/a/../b',
    's3://bucket/.',
    's3://bucket/a\\b',
    's3://bucket/a\nb',
    'gs://bucket/prefix',
  ])('%j is refused', async (place) => {
    await expect(openStore(place, storage)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('keeps a prefix to the letter, below its bucket', () => {
    const part = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/^\.{1,2}$|[/\\\p{Cc}]/u.test(text));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const { bucket, prefix } = parseS3Url(`s3://bucket/${parts.join('/')}`);
        expect([bucket, prefix]).toEqual(['bucket', `${parts.join('/')}/`]);
      }),
    );
  });
});

describe('the place of a result', () => {
  test.each([
    ['out/clip', resolve('out/clip')],
    ['out/clip/', resolve('out/clip')],
    ['s3://bucket/clip', 's3://bucket/clip'],
    ['s3://bucket/some/prefix/clip/', 's3://bucket/some/prefix/clip'],
  ])('%j is found at %s', async (place, expected) => {
    const { store, name } = await openResult(place, storage);
    expect([name, store.locate(name)]).toEqual(['clip', expected]);
  });

  test.each(['s3://bucket', 's3://bucket/', 'https://example.com/clip'])('%j is none', async (place) => {
    await expect(openResult(place, storage)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
