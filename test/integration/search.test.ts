import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderStore } from '../../src/storage/folder-store.ts';
import { exampleResult } from '../render/example-result.ts';
import { publish } from '../storage/store-contract.ts';
import { framescribe } from './framescribe.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'framescribe-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const search = (...args: readonly string[]) =>
  framescribe(['search', '--in', join(root, 'store'), ...args], { FRAMESCRIBE_SEARCH_FOLDER: join(root, 'index') });

test('search finds what results tell, follows the store, and leaves out what it cannot read', async () => {
  const store = folderStore(join(root, 'store'));
  const [tag] = exampleResult().tags;
  if (!tag) throw new Error('The example has no tag');
  await publish(store, 'a-day', { 'result.json': JSON.stringify(exampleResult()) });
  await publish(store, 'broken', { 'result.json': '{"schema":' });

  const first = await search(tag.name, '--json');
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toContain('index: 1 read, 0 gone');
  expect(first.stderr).toContain('broken');
  const [hit] = JSON.parse(first.stdout);
  expect(hit).toMatchObject({ name: 'a-day', source: 'a-day-outside.mp4' });
  expect(hit.moments[0].keyframe).toMatch(/^k\d{4}$/);

  const asText = await search(tag.name);
  expect(asText.stdout).toMatch(/^a-day-outside.mp4 {2}1:36 {2}.*a-day\n {2}\d:\d\d {2}.*\(k\d{4}, 0\.\d\d\)/);
  expect(asText.stderr).not.toContain('index:');

  await publish(store, 'a-night', { 'result.json': JSON.stringify(exampleResult()) });
  await rm(join(root, 'store', 'a-day'), { recursive: true });
  const names = async (...args: readonly string[]) =>
    JSON.parse((await search(tag.name, '--json', ...args)).stdout).map(({ name }: { name: string }) => name);
  expect(await names('--no-update')).toEqual(['a-day']);
  expect(await names()).toEqual(['a-night']);
  expect(await names('--rebuild')).toEqual(['a-night']);
});

test.each([
  [['--', '-dog'], 'USAGE'],
  [['dog', '--limit', '0'], '--limit'],
  [['dog', '--min-confidence', 'high'], '--min-confidence'],
])('search %j is refused with exit code 2', async (args, reason) => {
  const { exitCode, stderr } = await search(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(reason);
});
