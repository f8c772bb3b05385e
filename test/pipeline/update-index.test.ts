import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { updateIndex } from '../../src/pipeline/update-index.ts';
import { openSearchIndex } from '../../src/search/search-index.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import { exampleResult } from '../render/example-result.ts';

const VIDEOS = 600;

test('an index takes up every result of a store, also those that are read while others are put', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'framescribe-test-'));
  try {
    const text = JSON.stringify(exampleResult());
    for (let number = 0; number < VIDEOS; number++) {
      const place = join(folder, 'store', `clip-${number}`);
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'result.json'), text);
      await writeFile(join(place, 'manifest.json'), '{"schema":"framescribe/manifest@1","files":[]}');
    }
    using index = openSearchIndex(join(folder, 'index.sqlite'));
    const update = await updateIndex(folderStore(join(folder, 'store')), index, new AbortController().signal);
    expect(update).toMatchObject({ put: VIDEOS, unreadable: [] });
    expect(index.revisions().size).toBe(VIDEOS);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
