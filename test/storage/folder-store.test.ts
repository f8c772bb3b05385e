import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { folderStore } from '../../src/storage/folder-store.ts';
import { encodeManifest, manifestEntry } from '../../src/storage/manifest.ts';
import { begin, contents, keepsTheContract, publish } from './store-contract.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-store-'));
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function newFolder(): Promise<string> {
  return mkdtemp(join(root, 'store-'));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

describe('a folder store', () => {
  keepsTheContract(async () => {
    const folder = await newFolder();
    return { store: folderStore(folder), everything: () => filesBelow(folder) };
  });

  test('lays the files of a result out below its name and leaves no other folder', async () => {
    const folder = await newFolder();
    await publish(folderStore(folder), 'clip', { 'result.json': '{}', 'keyframes/k0001.jpg': 'picture' });
    await publish(folderStore(folder), 'clip', { 'result.json': '{}' });
    expect(await readdir(folder)).toEqual(['clip']);
    expect(await filesBelow(folder)).toEqual(['clip/manifest.json', 'clip/result.json']);
  });

  test('keeps what somebody else put in the place of a result', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'clip'));
    await writeFile(join(folder, 'clip', 'diary.txt'), 'mine');
    await expect(publish(folderStore(folder), 'clip', { 'a.txt': 'a' })).rejects.toMatchObject({
      code: 'RESULT_CONFLICT',
    });
    expect(await readFile(join(folder, 'clip', 'diary.txt'), 'utf8')).toBe('mine');
  });

  test('gives back the older result of a writer that was killed between its two renames', async () => {
    const folder = await newFolder();
    const store = folderStore(folder);
    await publish(store, 'clip', { 'a.txt': 'older' });
    const before = await store.revision('clip');
    const killed = await begin(store, 'clip', { 'a.txt': 'half' });
    const [staging = ''] = await readdir(join(folder, '.framescribe'));
    await rename(join(folder, 'clip'), join(folder, '.framescribe', `${staging}-old`));
    // Another name's writer, and one that comes a moment later, leave it where it is; readers find it there.
    await publish(store, 'other', { 'a.txt': 'other' });
    await (await store.begin('clip')).abort();
    expect(await readdir(folder)).not.toContain('clip');
    expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'older' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const next = await store.begin('clip');
    expect(await readdir(folder)).toContain('clip');
    expect(await store.revision('clip')).toBe(before);
    await next.abort();
    await killed.abort();
    expect((await readdir(folder)).sort()).toEqual(['clip', 'other']);
  });

  test('keeps the older version of a writer that was killed right after the switch', async () => {
    const folder = await newFolder();
    const store = folderStore(folder);
    await publish(store, 'clip', { 'a.txt': 'one' }, { version: 'one' });
    await publish(store, 'clip', { 'a.txt': 'two' }, { version: 'two' });
    await begin(store, 'clip', { 'a.txt': 'half' });
    const [staging = ''] = await readdir(join(folder, '.framescribe'));
    await rename(join(folder, '.versions', 'clip', 'one'), join(folder, '.framescribe', `${staging}-old`));
    expect(await store.kept('clip')).toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    await (await store.begin('clip')).abort();
    expect(await store.kept('clip')).toEqual(['one']);
    expect(String(await store.read('clip', 'a.txt', 'one'))).toBe('one');
  });

  test('removes what other writers have written who can not win any more', async () => {
    const folder = await newFolder();
    const store = folderStore(folder);
    const writer = await begin(store, 'clip', { 'a.txt': 'half' });
    await begin(store, 'other', { 'a.txt': 'other' });
    await publish(store, 'clip', { 'a.txt': 'first' });
    expect(await readdir(join(folder, '.framescribe'))).toHaveLength(1);
    await expect(writer.put('b.txt', Buffer.from('late'))).rejects.toMatchObject({ code: 'RESULT_CONFLICT' });
    await expect(writer.put('b/c.txt', Buffer.from('late'))).rejects.toMatchObject({ code: 'RESULT_CONFLICT' });
    await expect(writer.commit()).rejects.toMatchObject({ code: 'RESULT_CONFLICT' });
    await writer.abort();
    expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'first' });
  });

  test('removes what a dead writer left behind a day ago', async () => {
    const folder = await newFolder();
    await begin(folderStore(folder), 'clip', { 'a.txt': 'half' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3_600_000 });
    await publish(folderStore(folder), 'other', { 'a.txt': 'a' });
    expect(await readdir(folder)).toEqual(['other']);
  });

  test('reads a result whose files lie in the folder that its manifest names', async () => {
    const folder = await newFolder();
    const bytes = Buffer.from('{}');
    const below = 'files-0123456789abcdef';
    await mkdir(join(folder, 'clip', below, 'keyframes'), { recursive: true });
    await writeFile(join(folder, 'clip', below, 'result.json'), bytes);
    const manifest = encodeManifest([manifestEntry('result.json', bytes)], { folder: below });
    await writeFile(join(folder, 'clip', 'manifest.json'), manifest);
    expect(await contents(folderStore(folder), 'clip')).toEqual({ 'result.json': '{}' });
    await mkdir(join(folder, 'clip', 'versions'));
    await writeFile(join(folder, 'clip', 'versions', 'one.json'), manifest);
    await cp(join(folder, 'clip'), join(folder, 'copy'), { recursive: true });
    expect(await folderStore(folder).list('copy')).toEqual(['manifest.json', 'result.json']);
  });

  test('says OUTPUT_NOT_WRITABLE where a file stands in the place of its folder', async () => {
    const file = join(await newFolder(), 'file');
    await writeFile(file, 'x');
    const store = folderStore(join(file, 'below'));
    await expect(store.begin('clip')).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    await expect(store.check()).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    expect(await readFile(file, 'utf8')).toBe('x');
  });
});
