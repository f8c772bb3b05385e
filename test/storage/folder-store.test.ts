import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderStore } from '../../src/storage/folder-store.ts';
import { manifest } from '../../src/storage/manifest.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a folder store', () => {
  test('shows nothing of a result before it is committed', async () => {
    const store = folderStore(root);
    const publication = await store.begin('clip');
    await publication.put('keyframes/k0001.jpg', Buffer.from('picture'));
    expect(await store.list('clip')).toEqual([]);
    await publication.commit();
    expect(await store.list('clip')).toEqual(['keyframes/k0001.jpg', 'manifest.json']);
  });

  test('writes a manifest with the bytes and hash of every file', async () => {
    const store = folderStore(root);
    const publication = await store.begin('clip');
    await publication.put('result.json', Buffer.from('{}'));
    await publication.put('captions.vtt', Buffer.from('WEBVTT'));
    await publication.commit();
    const written = manifest.parse(JSON.parse(String(await store.read('clip', 'manifest.json'))));
    expect(written.files.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['captions.vtt', 6],
      ['result.json', 2],
    ]);
    expect(written.files[1]?.sha256).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  test('replaces an older result as a whole', async () => {
    const store = folderStore(root);
    for (const file of ['old.txt', 'new.txt']) {
      const publication = await store.begin('clip');
      await publication.put(file, Buffer.from(file));
      await publication.commit();
    }
    expect(await store.list('clip')).toEqual(['manifest.json', 'new.txt']);
    expect(await readdir(root)).toEqual(['clip']);
  });

  test('leaves the older result and nothing else when a publication is aborted', async () => {
    const store = folderStore(root);
    const first = await store.begin('clip');
    await first.put('a.txt', Buffer.from('a'));
    await first.commit();
    const second = await store.begin('clip');
    await second.put('b.txt', Buffer.from('b'));
    await second.abort();
    expect(await store.list('clip')).toEqual(['a.txt', 'manifest.json']);
    expect(await readdir(root)).toEqual(['clip']);
  });

  test.each(['../escape.txt', '/etc/passwd', 'a/../../b', 'a\\b', '', 'a//b', '.'])(
    'refuses to put or read a file named %j',
    async (file) => {
      const store = folderStore(root);
      const publication = await store.begin('clip');
      await expect(publication.put(file, Buffer.from('x'))).rejects.toThrow();
      await expect(store.read('clip', file)).rejects.toMatchObject({ code: 'RESULT_INVALID' });
      await publication.abort();
    },
  );

  test('says OUTPUT_NOT_WRITABLE where a file stands in the place of its folder', async () => {
    await writeFile(join(root, 'file'), 'x');
    await expect(folderStore(join(root, 'file')).begin('clip')).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    expect(await readFile(join(root, 'file'), 'utf8')).toBe('x');
  });

  test('says RESULT_NOT_FOUND for a file that is not there', async () => {
    await expect(folderStore(root).read('clip', 'result.json')).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });
});
