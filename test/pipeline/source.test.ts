import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint, resultName } from '../../src/pipeline/source.ts';

describe('the name of a result', () => {
  test.each([
    ['clips/Holiday 2024.mp4', 'Holiday-2024'],
    ['-i.mp4', 'i'],
    ['../../etc/passwd', 'passwd'],
    ["weird name; rm -rf $HOME 'q' %03d [x] 日本語 🎬.mp4", 'weird-name-rm--rf-HOME-q-03d-x-日本語'],
    ['.mp4', 'video'],
    ['...', 'video'],
    ['two.part.name.webm', 'two.part.name'],
    ['C:\\tapes\\one.avi', 'one'],
  ])('made from %j is %j', (source, name) => {
    expect(resultName(source)).toBe(name);
  });

  test('is a plain folder name whatever the source is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (source) => {
        const name = resultName(source);
        expect(name).toMatch(/^[\p{L}\p{N}](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}])?$/u);
        expect(name).not.toContain('..');
        expect(Array.from(name).length).toBeLessThanOrEqual(80);
      }),
    );
  });
});

describe('the fingerprint of a file', () => {
  test('is the SHA-256 of its bytes and their number', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fingerprint-'));
    const file = join(folder, 'abc');
    await writeFile(file, 'abc');
    expect(await fingerprint(file, new AbortController().signal)).toEqual({
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      bytes: 3,
    });
    await rm(folder, { recursive: true });
  });

  test('is refused when the file grows meanwhile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fingerprint-'));
    const file = join(folder, 'growing');
    await writeFile(file, Buffer.alloc(32 << 20));
    let reading = true;
    const hashing = fingerprint(file, new AbortController().signal).finally(() => {
      reading = false;
    });
    const outcome = expect(hashing).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    while (reading) await appendFile(file, 'more');
    await outcome;
    await rm(folder, { recursive: true });
  });
});
