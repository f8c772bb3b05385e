import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderStore } from '../../src/storage/folder-store.ts';
import { encodeManifest, manifestEntry } from '../../src/storage/manifest.ts';
import { contents, keepsTheContract, publish } from './store-contract.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-store-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function newFolder(): Promise<string> {
  return mkdtemp(join(root, 'store-'));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
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

  test('reads a result whose files lie in the folder that its manifest names', async () => {
    const folder = await newFolder();
    const bytes = Buffer.from('{}');
    const below = 'files-0123456789abcdef';
    await mkdir(join(folder, 'clip', below, 'keyframes'), { recursive: true });
    await writeFile(join(folder, 'clip', below, 'result.json'), bytes);
    const manifest = encodeManifest([manifestEntry('result.json', bytes)], below);
    await writeFile(join(folder, 'clip', 'manifest.json'), manifest);
    expect(await contents(folderStore(folder), 'clip')).toEqual({ 'result.json': '{}' });
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
