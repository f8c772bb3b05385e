import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SourceCache } from '../../src/fetch/source-cache.ts';
import { openWorkspace } from '../../src/fetch/workspace.ts';
import { startAnsweringMachine } from '../services/answering-machine.ts';
import { settingsWith, testFolder, VIDEO } from './fetching.ts';
import { ETAG, serveRanges, startOf } from './range-server.ts';

const { signal } = new AbortController();
const sha256 = hashOf(VIDEO);
const part = (startBytes: number, endBytes: number) => ({
  ...{ startBytes, endBytes },
  sha256: hashOf(VIDEO.subarray(startBytes, endBytes)),
});
const HEAD = part(0, 1000);
const wanted = (...parts: readonly ReturnType<typeof part>[]) => ({
  ...{ sha256, bytes: VIDEO.length, revision: ETAG },
  parts: [HEAD, ...parts],
});

describe('a source of which parts are wanted', () => {
  test('is brought as far as that, into a file of its length, and nothing twice', async () => {
    await using server = await startAnsweringMachine(serveRanges());
    const url = `${server.url}/film.mp4`;
    await using sources = await openSources();
    const first = await sources.openParts(url, wanted(part(500_000, 600_000)), signal);
    expect(first.broughtBytes).toBe(101_000);
    expect((await stat(first.path)).size).toBe(VIDEO.length);
    const second = await sources.openParts(url, wanted(part(550_000, 700_000)), signal);
    expect(second).toEqual({ path: first.path, broughtBytes: 100_000 });
    expect((await sources.openParts(url, wanted(part(500_000, 700_000)), signal)).broughtBytes).toBe(0);
    const expected = Buffer.alloc(VIDEO.length);
    VIDEO.copy(expected, 0, 0, 1000);
    VIDEO.copy(expected, 500_000, 500_000, 700_000);
    expect((await readFile(first.path)).equals(expected)).toBe(true);
    expect(server.heard.map(({ headers }) => headers.range)).toEqual([
      'bytes=0-999',
      'bytes=500000-599999',
      'bytes=600000-699999',
    ]);
  });

  test('is taken from a process on the same machine that has it whole', async () => {
    await using server = await startAnsweringMachine(serveRanges());
    const url = `${server.url}/film.mp4`;
    const folder = await testFolder();
    await using sources = await openSources(folder);
    expect(await sources.open(url, null, signal)).toMatchObject({ sha256, broughtBytes: VIDEO.length, revision: ETAG });
    await sources.keep();
    await using others = await openSources(folder);
    const opened = await others.openParts(url, wanted(part(500_000, 600_000)), signal);
    expect(opened.broughtBytes).toBe(0);
    expect((await readFile(opened.path)).equals(VIDEO)).toBe(true);
  });

  test.each([
    ['is another by now', { etag: '"two"' }],
    ['comes without parts', { ignoreRange: true }],
    ['comes as other bytes under the same mark', { bytes: Buffer.alloc(VIDEO.length) }],
  ])('is refused where it %s', async (_, quirks) => {
    await using server = await startAnsweringMachine(serveRanges(quirks));
    await using sources = await openSources();
    const opened = sources.openParts(`${server.url}/film.mp4`, wanted(part(500_000, 600_000)), signal);
    await expect(opened).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });

  test('goes on within a part after a lost connection', async () => {
    let count = 0;
    await using server = await startAnsweringMachine(serveRanges({ dropAfter: () => (++count === 2 ? 70_000 : null) }));
    await using sources = await openSources();
    const { path } = await sources.openParts(`${server.url}/film.mp4`, wanted(part(500_000, 900_000)), signal);
    expect((await readFile(path)).subarray(500_000, 900_000).equals(VIDEO.subarray(500_000, 900_000))).toBe(true);
    expect(server.heard).toHaveLength(3);
    expect(startOf(server.heard[2]?.headers)).toBeGreaterThan(500_000);
  });
});

describe('a download whose process is killed', () => {
  test('is gone on with by the next one on this machine', async () => {
    await using server = await stuckServer();
    const url = `${server.url}/film.mp4`;
    const folder = await testFolder();
    await killedOver(url, folder);
    await using sources = await openSources(folder);
    const { path, ...fetched } = await sources.open(url, null, signal);
    expect(fetched).toMatchObject({ sha256, bytes: VIDEO.length });
    expect((await readFile(path)).equals(VIDEO)).toBe(true);
    expect(startOf(server.heard[1]?.headers)).toBe(STUCK_AT);
    await sources.close(false);
    expect((await readdir(folder)).filter((name) => name.includes('sources'))).toEqual([]);
  });

  test('begins again where the source is another by then', async () => {
    const newer = Buffer.concat([Buffer.from('newer'), VIDEO]);
    await using server = await stuckServer(serveRanges({ bytes: newer, etag: '"two"' }));
    const folder = await testFolder();
    await killedOver(`${server.url}/film.mp4`, folder);
    await using sources = await openSources(folder);
    const { path } = await sources.open(`${server.url}/film.mp4`, null, signal);
    expect((await readFile(path)).equals(newer)).toBe(true);
  });

  test('leaves nothing for ever: whoever ends in peace clears it away', async () => {
    await using server = await stuckServer();
    const folder = await testFolder();
    await killedOver(`${server.url}/film.mp4`, folder);
    const sources = await openSources(folder);
    await sources.clear();
    expect(await readdir(join(folder, 'framescribe-sources'))).toHaveLength(1);
    await sources[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });
});

const STUCK_AT = 1_200_000;

/** Sends the beginning of the first answer, and then nothing more. */
function stuckServer(later = serveRanges()) {
  let isFirst = true;
  return startAnsweringMachine((request, response) => {
    if (!isFirst) return later(request, response);
    isFirst = false;
    response.writeHead(200, { 'content-length': VIDEO.length, etag: ETAG }).write(VIDEO.subarray(0, STUCK_AT));
  });
}

/** A process of its own is killed once it has written what came. */
async function killedOver(url: string, folder: string): Promise<void> {
  const program = fileURLToPath(new URL('./download-and-wait.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, url, folder], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect.poll(() => bytesBelow(folder), { timeout: 20_000 }).toBe(STUCK_AT);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const source = entries.find(({ name }) => name === 'source');
  return source ? (await stat(join(source.parentPath, source.name))).size : 0;
}

async function openSources(tempDir?: string): Promise<SourceCache & AsyncDisposable> {
  const settings = { ...settingsWith(), tempDir: tempDir ?? (await testFolder()) };
  const workspace = await openWorkspace(settings);
  const sources = new SourceCache(workspace, settings);
  return Object.assign(sources, {
    [Symbol.asyncDispose]: async () => {
      await sources.close(false);
      await workspace.close();
    },
  });
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
