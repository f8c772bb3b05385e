import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_VOCABULARY, type Vocabulary } from '../../src/domain/vocabulary.ts';
import { editResult } from '../../src/pipeline/edit-result.ts';
import { lookUp } from '../../src/pipeline/look-up.ts';
import { retag } from '../../src/pipeline/retag.ts';
import { readResult } from '../../src/pipeline/stored-results.ts';
import { verifyResult } from '../../src/pipeline/verify.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import { putSoundResult, soundResult } from './sound-result.ts';

const HOUSE: Vocabulary = { synonyms: { dog: 'hund' }, broader: { hund: ['tier'] }, blocked: ['grass'] };
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'framescribe-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const options = (vocabulary: Vocabulary) => ({ vocabulary, tempDir: root, signal: new AbortController().signal });

test('tags are named by another vocabulary and back, with what people said, and no version is left behind', async () => {
  const store = folderStore(join(root, 'store'));
  const machine = await soundResult();
  await putSoundResult(store, 'clip', machine);
  const author = { by: 'anna', at: '2026-01-02T03:04:05Z' };
  await editResult(store, 'clip', [{ addTag: 'mayor' }, { keyframe: 'k0005', caption: 'a dog and its owner' }], {
    ...author,
    ...options(NO_VOCABULARY),
  });
  const before = await readResult(store, 'clip');
  expect(await retag(store, 'clip', options(HOUSE))).toBe(true);
  const house = await readResult(store, 'clip');
  const names = house.tags.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['hund', 'tier', 'mayor']));
  expect(names).not.toEqual(expect.arrayContaining(['grass']));
  expect(house.options.tags).toMatch(/^sha256:/);
  expect((await verifyResult('clip', store)).flatMap(({ faults }) => faults)).toEqual([]);
  expect(await lookUp(store, 'clip', house)).toBe('there');
  expect(await lookUp(store, 'clip', machine)).toBe('other');
  expect(await store.kept('clip')).toEqual([]);
  expect(await retag(store, 'clip', options(HOUSE))).toBe(false);
  expect(await retag(store, 'clip', options(NO_VOCABULARY))).toBe(true);
  expect(await readResult(store, 'clip')).toEqual(before);
});
