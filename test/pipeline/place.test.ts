import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FramescribeError } from '../../src/domain/errors.ts';
import { placeFor } from '../../src/pipeline/place.ts';
import { verifyResult } from '../../src/pipeline/verify.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { jsonFile } from '../../src/text/json-pieces.ts';
import type { Content } from '../../src/text/pieces.ts';
import { exampleResult } from '../render/example-result.ts';

const result = exampleResult();
let root = '';
let store: Store;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'place-'));
  store = folderStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(name: string, file: string, content: Content): Promise<void> {
  const publication = await store.begin(name);
  await publication.put(file, content);
  await publication.commit();
}

/** The same store, in which one file can't be read at the moment. */
function without(file: string, code: 'STORE_TIMEOUT' | 'RESULT_NOT_FOUND'): Store {
  const read: Store['read'] = async (name, asked) => {
    if (asked === file) throw new FramescribeError(code, `Expected ${file}`);
    return store.read(name, asked);
  };
  return { ...store, read };
}

describe('the place of a result', () => {
  test("is its source's name, unless another video or something else is there", async () => {
    expect(await placeFor('tape.mp4', 'other', store, new Set())).toBe('tape');
    await put('tape', 'result.json', jsonFile(result));
    await put('tape-2', 'result.json', Buffer.from('no JSON'));
    await put('tape-3', 'diary.txt', Buffer.from('mine'));
    expect(await placeFor('tape.mp4', result.video.sha256, store, new Set())).toBe('tape');
    expect(await placeFor('tape.mp4', 'other', store, new Set())).toBe('tape-4');
    expect(await placeFor('tape.mp4', result.video.sha256, store, new Set(['tape']))).toBe('tape-4');
  });

  test("isn't guessed while the store doesn't answer", async () => {
    await put('tape', 'result.json', jsonFile(result));
    const silent = without('result.json', 'STORE_TIMEOUT');
    await expect(placeFor('tape.mp4', 'any', silent, new Set())).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
  });
});

describe('verification', () => {
  test('calls a file missing that is gone, but not one whose store is silent', async () => {
    const publication = await store.begin('tape');
    await publication.put('result.json', jsonFile(result));
    await publication.put('summary.md', Buffer.from('# Tape'));
    await publication.commit();
    const [files] = await verifyResult('tape', without('summary.md', 'RESULT_NOT_FOUND'));
    expect(files?.faults).toEqual(['summary.md: missing']);
    const silent = verifyResult('tape', without('summary.md', 'STORE_TIMEOUT'));
    await expect(silent).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
  });
});
