import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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

test('export writes a table of every result, and tells which it could not read', async () => {
  const store = folderStore(join(root, 'store'));
  for (const name of ['one', 'two']) await publish(store, name, { 'result.json': JSON.stringify(exampleResult()) });
  await publish(store, 'broken', { 'result.json': '{}' });
  const out = join(root, 'out');
  const run = await framescribe(['export', '--in', join(root, 'store'), '--out', out, '--format', 'jsonl']);
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toContain('broken');
  expect((await readdir(out)).sort()).toEqual(['captions.jsonl', 'shots.jsonl', 'tags.jsonl', 'videos.jsonl']);
  const lines = (await readFile(join(out, 'shots.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(new Set(lines.map(({ video }) => video))).toEqual(new Set(['one', 'two']));
  expect(lines).toHaveLength(exampleResult().shots.length * 2);
});

test('export into a place that is no folder says so and leaves it alone', async () => {
  const place = join(root, 'a-file');
  await writeFile(place, 'mine');
  const run = await framescribe(['export', '--in', join(root, 'store'), '--out', place]);
  expect(run.exitCode).toBe(4);
  expect(run.stderr).toContain('OUTPUT_NOT_WRITABLE');
  expect(await readFile(place, 'utf8')).toBe('mine');
});
