import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isDue, updateIndex } from '../../src/pipeline/update-index.ts';
import { openSearchIndex } from '../../src/search/search-index.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import { exampleResult } from '../render/example-result.ts';
import { publish } from '../storage/store-contract.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'framescribe-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test.each([
  [null, 1_000, true],
  [{ startedMs: 0, tookMs: 1_999 }, 1, true],
  [{ startedMs: 0, tookMs: 60_000 }, 600_000, false],
  [{ startedMs: 0, tookMs: 60_000 }, 600_001, true],
])('an index last updated %j is worth a look at %d ms: %s', (last, nowMs, due) => {
  expect(isDue(last, nowMs)).toBe(due);
});

test('an update reads labels and dates from run.json, goes on without one, and is remembered', async () => {
  const store = folderStore(join(root, 'store'));
  const run = { schema: 'framescribe/run@1', endedAt: '2026-05-01T00:00:00Z', labels: { series: 'news' } };
  const rest = {
    ...{
      versions: { framescribe: '1', node: '1', ffmpeg: '1', onnxruntime: '1' },
      platform: 'x',
      stages: [],
      wallMs: 1,
    },
    ...{ cpuMs: 1, ffmpegCpuMs: 1, bytesIn: 1, bytesOut: 1, captions: 1, peakMemoryBytes: 1, speed: 1 },
    ...{ cpuSecondsPerVideoHour: 1, cost: null },
  };
  const result = JSON.stringify(exampleResult());
  await publish(store, 'labelled', { 'result.json': result, 'run.json': JSON.stringify({ ...run, ...rest }) });
  await publish(store, 'damaged', { 'result.json': result, 'run.json': '{' });
  await publish(store, 'without', { 'result.json': result });
  using index = openSearchIndex(join(root, 'index.sqlite'));
  expect(index.lastUpdate()).toBeNull();
  const before = Date.now();
  expect(await updateIndex(store, index, new AbortController().signal)).toMatchObject({ put: 3, unreadable: [] });
  expect(index.lastUpdate()?.startedMs).toBeGreaterThanOrEqual(before);
  expect(
    index
      .search('')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['damaged', 'labelled', 'without']);
  const found = index.search('', { labels: { series: 'news' }, sinceMs: Date.parse('2026-05-01') });
  expect(found).toMatchObject([{ name: 'labelled', labels: { series: 'news' } }]);
});

test('an update takes up every result, also those that are read while others are put', async () => {
  const place = join(root, 'many');
  const text = JSON.stringify(exampleResult());
  for (let number = 0; number < 600; number++) {
    const folder = join(place, `clip-${number}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'result.json'), text);
    await writeFile(join(folder, 'manifest.json'), '{"schema":"framescribe/manifest@1","files":[]}');
  }
  using index = openSearchIndex(join(root, 'many.sqlite'));
  const update = await updateIndex(folderStore(place), index, new AbortController().signal);
  expect(update).toMatchObject({ put: 600, unreadable: [] });
  expect(index.revisions().size).toBe(600);
});
