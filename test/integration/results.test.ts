import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderStore } from '../../src/storage/folder-store.ts';
import { putSoundResult, soundResult } from '../pipeline/sound-result.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'framescribe-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('an application searches and corrects results, and loads no codec, model or canvas to search', async () => {
  const store = folderStore(join(root, 'store'));
  await putSoundResult(store, 'clip', await soundResult());
  const script = `
    import { openResults } from 'framescribe/results';
    const results = await openResults({ store: ${JSON.stringify(join(root, 'store'))}, env: process.env });
    const found = async (words) => (await results.search(words)).map(({ name }) => name);
    const before = [await results.update().then(({ put }) => put), await found('skier'), await found('mayor')];
    const libraries = process.report.getReport().sharedObjects.filter((file) => /sharp|vips|onnx/.test(file));
    const { result } = await results.edit('clip', [{ addTag: 'mayor' }], { by: 'app' });
    await results.update();
    const stale = await results.edit('clip', [{ addTag: 'x' }], { by: 'app', expected: 'sha256:0' }).catch(({ code }) => code);
    console.log(JSON.stringify({ before, libraries, stale, same: result.digest === (await results.read('clip')).digest, after: await found('mayor') }));
    await results.close();
  `;
  // A package may import itself by its name from inside.
  const file = join(process.cwd(), 'dist', `results-${process.pid}.test.mjs`);
  await writeFile(file, script);
  try {
    const env = { ...process.env, FRAMESCRIBE_SEARCH_FOLDER: join(root, 'index') };
    const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', file], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      before: [1, ['clip'], []],
      libraries: [],
      stale: 'EDIT_CONFLICT',
      same: true,
      after: ['clip'],
    });
  } finally {
    await rm(file);
  }
});
