import { cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { folderStore } from '../../src/storage/folder-store.ts';
import { begin, publish } from './store-contract.ts';

/** What the file system does to those who use it. */
const disk = vi.hoisted(() => ({
  slownessMs: 0,
  betweenRenamesMs: 0,
  /** Happens just before and just after somebody opens or reads a file at this path, so many times. */
  around: { path: '', times: 0, before: async () => {}, after: async () => {} },
}));

vi.mock('node:fs/promises', async (importOriginal) => {
  type Call = (...args: readonly unknown[]) => Promise<unknown>;
  const real = await importOriginal<Record<string, Call>>();
  const slow = (name: string): Call => {
    return async (...args) => {
      // Now and then a call takes much longer than the others.
      if (disk.slownessMs > 0) await sleep(Math.random() ** 4 * disk.slownessMs);
      const { path, before, after } = disk.around;
      const isWatched = /^(open|readFile)$/.test(name) && args[0] === path && disk.around.times-- > 0;
      if (isWatched) await before();
      try {
        return await real[name]?.(...args);
      } finally {
        if (isWatched) await after();
        if (name === 'rename' && String(args[1]).endsWith('-old')) await sleep(disk.betweenRenamesMs);
      }
    };
  };
  const names = ['open', 'readdir', 'readFile', 'rename', 'rm', 'stat'];
  return { ...real, ...Object.fromEntries(names.map((name) => [name, slow(name)])) };
});

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-readers-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('readers of a folder store', () => {
  test('see a whole result at every moment of many replacements on a slow disk', async () => {
    const store = folderStore(await newFolder());
    await publish(store, 'clip', filesOf(0));
    let isOver = false;
    const faults: string[] = [];
    const reading = async () => {
      let looks = 0;
      for (; !isOver; looks++) {
        const files = await store.list('clip');
        if (!isWhole(files)) faults.push(`listed ${files.join() || 'nothing'}`);
        const text = await store.read('clip', 'result.json').then(String, String);
        if (!/^\d+$/.test(text)) faults.push(`read ${text}`);
        if ((await store.revision('clip')) === null) faults.push('no revision');
      }
      return looks;
    };
    disk.slownessMs = 20;
    disk.betweenRenamesMs = 5;
    const readers = Array.from({ length: 4 }, reading);
    for (let round = 1; round <= 40; round++) await publish(store, 'clip', filesOf(round));
    isOver = true;
    const looks = (await Promise.all(readers)).reduce((sum, count) => sum + count, 0);
    disk.slownessMs = disk.betweenRenamesMs = 0;
    expect(faults).toEqual([]);
    expect(looks).toBeGreaterThan(20);
  });

  test('are not led astray where the result moves away each time they look, and is back when they look elsewhere', async () => {
    const folder = await newFolder();
    const store = folderStore(folder);
    await publish(store, 'clip', filesOf(1));
    const revision = await store.revision('clip');
    const writer = await begin(store, 'clip', filesOf(2));
    const [id = ''] = await readdir(join(folder, '.framescribe'));
    const [place, away] = [join(folder, 'clip'), join(folder, '.framescribe', `${id}-old`)];
    const watch = {
      path: join(place, 'manifest.json'),
      before: () => rename(place, away),
      after: () => rename(away, place),
    };
    for (const look of [
      async () => expect(isWhole(await store.list('clip'))).toBe(true),
      async () => expect(String(await store.read('clip', 'result.json'))).toBe('1'),
      async () => expect(await store.revision('clip')).toBe(revision),
    ]) {
      disk.around = { ...watch, times: 5 };
      await look();
      expect(disk.around.times).toBeLessThanOrEqual(0);
    }
    await writer.abort();
  });

  test('find the older result at once while its writer stands still between its two renames', async () => {
    const folder = await newFolder();
    const store = folderStore(folder);
    await publish(store, 'clip', filesOf(1));
    const before = await store.revision('clip');
    disk.betweenRenamesMs = 2_000;
    const writing = publish(store, 'clip', filesOf(2));
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(['.framescribe']));
    const startedMs = performance.now();
    expect(isWhole(await store.list('clip'))).toBe(true);
    expect(String(await store.read('clip', 'result.json'))).toBe('1');
    expect(await store.revision('clip')).toBe(before);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await writing;
    disk.betweenRenamesMs = 0;
    expect(String(await store.read('clip', 'result.json'))).toBe('2');
    expect(await readdir(folder)).toEqual(['clip']);
  });

  test('find the latest of the results that writers had taken away when they were killed', async () => {
    const folder = await newFolder();
    const store = folderStore(folder);
    await publish(store, 'clip', filesOf(1));
    const newer = await begin(store, 'clip', filesOf(2));
    const [id = ''] = await readdir(join(folder, '.framescribe'));
    await cp(join(folder, 'clip'), join(folder, '.framescribe', `${id}1-old`), { recursive: true });
    await sleep(20);
    await newer.commit();
    await rename(join(folder, 'clip'), join(folder, '.framescribe', `${id}0-old`));
    expect(String(await store.read('clip', 'result.json'))).toBe('2');
    expect(isWhole(await store.list('clip'))).toBe(true);
  });

  test('soon know that there is nothing, also where other results come and go', async () => {
    const store = folderStore(await newFolder());
    let isOver = false;
    const writing = (async () => {
      for (let round = 0; !isOver; round++) await publish(store, 'other', filesOf(round));
    })();
    for (let look = 0; look < 5; look++) {
      const startedMs = performance.now();
      expect(await store.revision('clip')).toBeNull();
      expect(await store.list('clip')).toEqual([]);
      expect(performance.now() - startedMs).toBeLessThan(2_000);
    }
    isOver = true;
    await writing;
  });
});

async function newFolder(): Promise<string> {
  return mkdtemp(join(root, 'store-'));
}

/** Each round has a file of its own, in a folder that all have. */
function filesOf(round: number): Readonly<Record<string, string>> {
  return { 'result.json': `${round}`, [`keyframes/k${round}.jpg`]: 'picture', 'keyframes/same.jpg': 'picture' };
}

function isWhole(files: readonly string[]): boolean {
  const own = /^keyframes\/k\d+\.jpg$/;
  return (
    files.filter((file) => own.test(file)).length === 1 &&
    files.filter((file) => !own.test(file)).join() === 'keyframes/same.jpg,manifest.json,result.json'
  );
}
