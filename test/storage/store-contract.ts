import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { manifest } from '../../src/storage/manifest.ts';
import type { BeginOptions, Publication, Store } from '../../src/storage/store.ts';
import { encodedPieces, keptPieces } from '../../src/text/pieces.ts';

/** A store under test, new and empty, and all that really lies in it. */
export interface StoreUnderTest {
  readonly store: Store;
  readonly everything: () => Promise<readonly string[]>;
}

/** What every store keeps to, whatever is behind it. */
export function keepsTheContract(makeStore: () => Promise<StoreUnderTest>): void {
  describe('like every store', () => {
    test('shows nothing of a result before it is committed', async () => {
      const { store } = await makeStore();
      const publication = await begin(store, 'clip', { 'keyframes/k0001.jpg': 'picture' });
      expect(await store.list('clip')).toEqual([]);
      expect(await store.revision('clip')).toBeNull();
      await expect(store.read('clip', 'keyframes/k0001.jpg')).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
      await publication.commit();
      expect(await store.list('clip')).toEqual(['keyframes/k0001.jpg', 'manifest.json']);
      expect(String(await store.read('clip', 'keyframes/k0001.jpg'))).toBe('picture');
    });

    test('tells the names of its results', async () => {
      const { store } = await makeStore();
      expect(await namesIn(store)).toEqual([]);
      for (const name of ['clip', 'ein Film & more']) await publish(store, name, { 'result.json': '{}' });
      expect(await namesIn(store)).toEqual(['clip', 'ein Film & more']);
    });

    test('removes a result and leaves its neighbours', async () => {
      const { store, everything } = await makeStore();
      for (const name of ['clip', 'clip-2']) await publish(store, name, { 'result.json': '{}' });
      await store.remove('clip');
      await store.remove('absent');
      expect(await store.revision('clip')).toBeNull();
      await expect(store.read('clip', 'result.json')).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
      expect(await contents(store, 'clip-2')).toEqual({ 'result.json': '{}' });
      expect((await everything()).filter((file) => !file.includes('clip-2'))).toEqual([]);
    });

    test('writes a manifest with the bytes and hash of every file', async () => {
      const { store } = await makeStore();
      await publish(store, 'clip', { 'result.json': '{}', 'captions.vtt': 'WEBVTT' });
      const written = manifest.parse(JSON.parse(String(await store.read('clip', 'manifest.json'))));
      expect(written.files.map(({ name, bytes }) => [name, bytes])).toEqual([
        ['captions.vtt', 6],
        ['result.json', 2],
      ]);
      expect(written.files[1]?.sha256).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    });

    test('takes a file in pieces as it takes a whole one', async () => {
      const { store } = await makeStore();
      const texts = Array.from({ length: 30_000 }, (_, index) => `${index}: “ja”\n`);
      const text = texts.join('');
      const publication = await store.begin('clip');
      await publication.put(
        'anew.txt',
        encodedPieces(() => texts),
      );
      await publication.put('empty.txt', keptPieces([]));
      await publication.put('kept.txt', keptPieces(texts));
      await publication.put('whole.txt', Buffer.from(text));
      await publication.commit();
      const read = await contents(store, 'clip');
      expect(read['empty.txt']).toBe('');
      for (const name of ['anew.txt', 'kept.txt', 'whole.txt']) expect(read[name] === text).toBe(true);
      const entry = (content: string) => [
        Buffer.byteLength(content),
        createHash('sha256').update(content).digest('hex'),
      ];
      const { files } = manifest.parse(JSON.parse(String(await store.read('clip', 'manifest.json'))));
      const expected = [text, '', text, text].map(entry);
      expect(files.map(({ bytes, sha256 }) => [bytes, sha256])).toEqual(expected);
    });

    test('keeps the older result readable until the newer one replaces it as a whole', async () => {
      const { store, everything } = await makeStore();
      await publish(store, 'clip', { 'result.json': 'old', 'old.txt': 'old' });
      const newer = await begin(store, 'clip', { 'result.json': 'new', 'new.txt': 'new' });
      expect(await contents(store, 'clip')).toEqual({ 'result.json': 'old', 'old.txt': 'old' });
      await newer.commit();
      expect(await contents(store, 'clip')).toEqual({ 'result.json': 'new', 'new.txt': 'new' });
      expect(await everything()).toHaveLength(3);
    });

    test('leaves the older result and nothing else when a publication is aborted', async () => {
      const { store, everything } = await makeStore();
      await publish(store, 'clip', { 'a.txt': 'a' });
      const before = await everything();
      const second = await begin(store, 'clip', { 'b.txt': 'b', 'keyframes/k0001.jpg': 'b' });
      await second.abort();
      expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'a' });
      expect(await everything()).toEqual(before);
    });

    test('keeps a committed result when it is aborted afterwards', async () => {
      const { store } = await makeStore();
      const publication = await begin(store, 'clip', { 'a.txt': 'a' });
      await publication.commit();
      await publication.abort();
      expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'a' });
    });

    test.each([null, 'older'])('lets one of five writers of a name win whole, in the place of %j', async (older) => {
      const { store, everything } = await makeStore();
      if (older) await publish(store, 'clip', { 'result.json': older });
      const writers = await Promise.all(
        ['0', '1', '2', '3', '4'].map((mark) => begin(store, 'clip', { 'result.json': mark, [`${mark}.txt`]: mark })),
      );
      const outcomes = await Promise.allSettled(writers.map((writer) => writer.commit()));
      await Promise.all(writers.map((writer) => writer.abort()));
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(losers.map(({ reason }) => reason.code)).toEqual(Array(4).fill('RESULT_CONFLICT'));
      expect(await contents(store, 'clip')).toEqual({ 'result.json': `${winner}`, [`${winner}.txt`]: `${winner}` });
      expect(await everything()).toHaveLength(3);
    });

    test('lets a writer lose who took the work before another one finished it', async () => {
      const { store } = await makeStore();
      const replaces = await store.revision('clip');
      await publish(store, 'clip', { 'result.json': 'successor' });
      await expect(publish(store, 'clip', { 'result.json': 'late' }, { replaces })).rejects.toMatchObject({
        code: 'RESULT_CONFLICT',
      });
      const current = await store.revision('clip');
      await publish(store, 'clip', { 'result.json': 'next' }, { replaces: current });
      expect(await contents(store, 'clip')).toEqual({ 'result.json': 'next' });
      expect(await store.revision('clip')).not.toBe(current);
    });

    test.each(['../escape.txt', '/etc/passwd', 'a/../../b', 'a\\b', '', 'a//b', '.', 'a\0b', 'naïve.txt'])(
      'refuses to put or read a file named %j',
      async (file) => {
        const { store, everything } = await makeStore();
        const publication = await store.begin('clip');
        await expect(publication.put(file, Buffer.from('x'))).rejects.toMatchObject({ code: 'RESULT_INVALID' });
        await expect(store.read('clip', file)).rejects.toMatchObject({ code: 'RESULT_INVALID' });
        await publication.abort();
        expect(await everything()).toEqual([]);
      },
    );

    test.each(['', '.', '..', '.framescribe', '../up', 'a/b', '/a', 'a\\b', 'a\0', 'a\nb', '\ud800', 'x'.repeat(256)])(
      'refuses a result named %j',
      async (name) => {
        const { store } = await makeStore();
        for (const work of [() => store.begin(name), () => store.list(name), () => store.read(name, 'a')]) {
          await expect(work()).rejects.toMatchObject({ code: 'USAGE' });
        }
      },
    );

    test.each(['Ünïcode 視頻 🎬', 'a+b&c=d?e#f%2e%2e', '...', ' spaced ', '--flag', "it's(1)!~*", '$HOME;`id`'])(
      'keeps a result named %j apart from others',
      async (name) => {
        const { store, everything } = await makeStore();
        await publish(store, name, { 'a.txt': name });
        expect(await contents(store, name)).toEqual({ 'a.txt': name });
        expect(await store.list(`${name}2`)).toEqual([]);
        expect((await everything()).every((key) => key.startsWith(`${name}/`))).toBe(true);
        expect(store.locate(name).endsWith(`/${name}`)).toBe(true);
      },
    );

    test('stops putting when it is asked to', async () => {
      const { store, everything } = await makeStore();
      const publication = await store.begin('clip', { signal: AbortSignal.abort() });
      const work = async () => {
        await publication.put('a.txt', Buffer.from('a'));
        await publication.commit();
      };
      await expect(work()).rejects.toThrow();
      await publication.abort();
      expect(await everything()).toEqual([]);
    });

    test('gives a link to each file of a result, for a time within bounds', async () => {
      const { store } = await makeStore();
      await expect(store.links('clip', 60)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
      await publish(store, 'clip', { 'result.json': '{}', 'keyframes/k0001.jpg': 'picture' });
      const links = await store.links('clip', 60);
      expect(links.map(({ file }) => file).sort()).toEqual(await store.list('clip'));
      expect(links.every(({ file, url }) => new URL(url).pathname.endsWith(`/${file}`))).toBe(true);
      for (const seconds of [0, -1, 1.5, Number.NaN, 604_801]) {
        await expect(store.links('clip', seconds)).rejects.toMatchObject({ code: 'USAGE' });
      }
    });

    test('keeps another version beside the one that takes its place, and one of each', async () => {
      const { store, everything } = await makeStore();
      expect(await store.version('clip')).toBeNull();
      await publish(store, 'clip', { 'result.json': 'one' }, { version: 'one' });
      await publish(store, 'clip', { 'result.json': 'one again' }, { version: 'one' });
      expect(await store.kept('clip')).toEqual([]);
      await publish(store, 'clip', { 'result.json': 'two', 'b.txt': 'b' }, { version: 'two' });
      expect(await store.version('clip')).toBe('two');
      expect(await store.kept('clip')).toEqual(['one']);
      expect(await contents(store, 'clip')).toEqual({ 'result.json': 'two', 'b.txt': 'b' });
      expect(String(await store.read('clip', 'result.json', 'one'))).toBe('one again');
      expect(await namesIn(store)).toEqual(['clip']);
      await publish(store, 'clip', { 'result.json': 'two again' }, { version: 'two' });
      expect(String(await store.read('clip', 'result.json', 'one'))).toBe('one again');
      await publish(store, 'clip', { 'result.json': 'one at last' }, { version: 'one' });
      expect(await store.kept('clip')).toEqual(['two']);
      expect(String(await store.read('clip', 'result.json', 'two'))).toBe('two again');
      expect(await everything()).toHaveLength(4);
    });

    test('keeps a result of before there were versions', async () => {
      const { store } = await makeStore();
      await publish(store, 'clip', { 'result.json': 'old' });
      expect(await store.version('clip')).toBe('earlier');
      await publish(store, 'clip', { 'result.json': 'new' }, { version: 'new' });
      expect(await store.kept('clip')).toEqual(['earlier']);
      expect(String(await store.read('clip', 'result.json', 'earlier'))).toBe('old');
    });

    test('forgets a version and nothing else, and all of them with their result', async () => {
      const { store, everything } = await makeStore();
      for (const version of ['one', 'two', 'three']) await publish(store, 'clip', { 'a.txt': version }, { version });
      await publish(store, 'other', { 'a.txt': 'a' }, { version: 'one' });
      await store.forget('clip', 'one');
      await store.forget('clip', 'absent');
      await store.forget('clip', 'three');
      expect(await store.kept('clip')).toEqual(['two']);
      expect(await contents(store, 'clip')).toEqual({ 'a.txt': 'three' });
      await expect(store.read('clip', 'a.txt', 'one')).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
      await store.remove('clip');
      expect(await store.kept('clip')).toEqual([]);
      expect((await everything()).filter((file) => !file.includes('other'))).toEqual([]);
    });

    test('keeps a version once where writers race for its place', async () => {
      const { store } = await makeStore();
      await publish(store, 'clip', { 'a.txt': 'old' }, { version: 'old' });
      const writers = await Promise.all(
        ['one', 'two', 'three'].map((version) => begin(store, 'clip', { 'a.txt': version }, { version })),
      );
      const outcomes = await Promise.allSettled(writers.map((writer) => writer.commit()));
      await Promise.all(writers.map((writer) => writer.abort()));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.kept('clip')).toEqual(['old']);
      expect(String(await store.read('clip', 'a.txt', 'old'))).toBe('old');
    });

    test.each(['../up', '', '.', 'a/b', 'a\\b', 'x'.repeat(65)])('refuses a version called %j', async (version) => {
      const { store } = await makeStore();
      await expect(store.read('clip', 'a.txt', version)).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
      await expect(store.forget('clip', version)).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
    });

    test('tells when something was last written under a name', async () => {
      const { store } = await makeStore();
      expect(await store.modifiedMs('clip')).toBeNull();
      await publish(store, 'clip', { 'a.txt': 'one' });
      // A store's clock may count in seconds.
      expect(Math.abs(((await store.modifiedMs('clip')) ?? 0) - Date.now())).toBeLessThan(5_000);
      await store.remove('clip');
      expect(await store.modifiedMs('clip')).toBeNull();
    });

    test('can be checked before there is anything in it', async () => {
      const { store, everything } = await makeStore();
      await store.check();
      expect(await everything()).toEqual([]);
      await expect(store.read(randomUUID(), 'manifest.json')).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
    });
  });
}

type Files = Readonly<Record<string, string>>;

/** Puts files under a name without committing them. */
export async function begin(store: Store, name: string, files: Files, options?: BeginOptions): Promise<Publication> {
  const publication = await store.begin(name, options);
  for (const [file, text] of Object.entries(files)) await publication.put(file, Buffer.from(text));
  return publication;
}

export async function publish(store: Store, name: string, files: Files, options?: BeginOptions): Promise<void> {
  await (await begin(store, name, files, options)).commit();
}

/** The files of a result but its manifest, read. */
export async function contents(store: Store, name: string): Promise<Files> {
  const files = (await store.list(name)).filter((file) => file !== 'manifest.json');
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, String(await store.read(name, file))])));
}

async function namesIn(store: Store): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of store.names()) names.push(name);
  return names.sort();
}
