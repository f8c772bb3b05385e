import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listFolder } from '../../src/backfill/list-folder.ts';

const FILES = ['a/1.mp4', 'a/2/x.mp4', 'a/2/y.mp4', 'a/3.mp4', 'b\nc.mp4', 'b/z.mp4', 'no video', 'ü 視頻.mp4'];
const HIDDEN = ['.hidden/x.mp4', '.h.mp4', 'b/..c.mp4'];

describe('the listing of a folder', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'fs-folder-'));
    for (const path of [...FILES, ...HIDDEN]) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), path);
    }
    symlinkSync('/etc', join(root, 'etc'));
    symlinkSync(join(root, 'a'), join(root, 'loop'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function paths(after: string | null, pageNames: number): Promise<readonly string[]> {
    const all: string[] = [];
    for await (const page of listFolder(root, pageNames)(after)) {
      expect(page.length).toBeLessThanOrEqual(pageNames);
      all.push(...page.map(({ position }) => position));
    }
    return all;
  }

  test('has every file below it once, but hidden ones and links', async () => {
    expect((await paths(null, 1000)).toSorted()).toEqual(FILES);
  });

  test.each([1, 2, 3, 1000])('goes on after any of its entries, in pages of %d names', async (pageNames) => {
    const all = await paths(null, pageNames);
    expect(all).toEqual(await paths(null, 1000));
    for (const [index, position] of all.entries())
      expect(await paths(position, pageNames)).toEqual(all.slice(index + 1));
  });

  test('goes on after an entry that is gone by now', async () => {
    const all = await paths(null, 1000);
    expect(await paths('a/2/xx.mp4', 2)).toEqual(all.filter((path) => path > 'a/2/xx.mp4'));
    expect(await paths('a/25/gone.mp4', 2)).toEqual(all.filter((path) => path > 'a/25'));
  });

  test.skipIf(process.getuid?.() === 0)('passes over a folder below it that it may not read', async () => {
    chmodSync(join(root, 'b'), 0);
    expect((await paths(null, 1000)).some((path) => path.startsWith('b/'))).toBe(false);
    chmodSync(join(root, 'b'), 0o755);
  });

  test('says so where the folder itself is not there', async () => {
    const listing = listFolder(join(root, 'absent'))(null)[Symbol.asyncIterator]();
    await expect(listing.next()).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });
});
