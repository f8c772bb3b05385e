import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadBundle } from '../../src/caption/bundle.ts';
import { type Captioner, openCaptioner } from '../../src/caption/captioner.ts';
import { FramescribeError } from '../../src/domain/errors.ts';
import { NO_VOCABULARY } from '../../src/domain/vocabulary.ts';
import { SourceCache } from '../../src/fetch/source-cache.ts';
import { openWorkspace, type Workspace } from '../../src/fetch/workspace.ts';
import { editResult } from '../../src/pipeline/edit-result.ts';
import { Meter } from '../../src/pipeline/meter.ts';
import { captionerSettings } from '../../src/pipeline/settings.ts';
import { readResult } from '../../src/pipeline/stored-results.ts';
import { testClip } from '../../src/pipeline/test-clip.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { describeSource } from '../../workers/describe-source.ts';
import { temporaryFolder, tinyBundle } from '../caption/temporary.ts';
import { settings } from '../media/clips.ts';

const home = temporaryFolder();
const source = join(home, 'clip.y4m');
writeFileSync(source, testClip());
const bundle = await loadBundle(tinyBundle(home, 'lstm'));
const temp = join(home, 't');
mkdirSync(temp);
const config = { ...settings, tempDir: temp, fetch: { ...settings.fetch, folders: home } };
const task = { id: 'v0', name: 'clip-v0', source, options: {}, labels: { series: 'news' } };
let captioner: Captioner;
let workspace: Workspace;
let count = 0;

beforeAll(async () => {
  captioner = await openCaptioner(bundle, { ...captionerSettings(config, bundle), threads: 1 });
  workspace = await openWorkspace(config);
});
afterAll(async () => {
  await captioner.close();
  await workspace.close();
});

describe('describeSource', () => {
  test('publishes under the name of the source and the id of the job, and calls the source by its name', async () => {
    const { store, root } = newStore();
    const stages: string[] = [];
    const described = await run(store, { onProgress: ({ stage }) => stages.push(stage) });
    expect(described).toMatchObject({ name: 'clip-v0', place: join(root, 'clip-v0'), durationMs: 2000, shots: 2 });
    const result = JSON.parse(await readFile(join(root, 'clip-v0', 'result.json'), 'utf8'));
    expect(result.video.source).toBe('clip.y4m');
    expect(result.digest).toBe(described.digest);
    const report = JSON.parse(await readFile(join(root, 'clip-v0', 'run.json'), 'utf8'));
    expect(report.labels).toEqual({ series: 'news' });
    expect(Math.abs(Date.parse(report.endedAt) - Date.now())).toBeLessThan(60_000);
    expect([...new Set(stages)]).toEqual(['fetch', 'probe', 'scan', 'caption', 'summarise', 'publish']);
    expect(await readdir(temp, { recursive: true })).toHaveLength(2);
  });

  test('takes what an earlier try has published for its answer, and captions nothing', async () => {
    const { store, root } = newStore();
    const first = await run(store);
    const before = await readFile(join(root, 'clip-v0', 'run.json'), 'utf8');
    const idle = { ...captioner, caption: () => Promise.reject(new Error('Expected nothing to caption')) };
    expect(await run(store, { captioner: idle })).toEqual(first);
    expect(await readFile(join(root, 'clip-v0', 'run.json'), 'utf8')).toBe(before);
  });

  test('describes again when the options are others, and replaces the result', async () => {
    const { store } = newStore();
    const first = await run(store);
    const other = { ...config, keyframes: { ...config.keyframes, max: 1 } };
    const second = await run(store, { config: other });
    expect(second.digest).not.toBe(first.digest);
    expect(second.keyframes).toBe(1);
  });

  test('takes what people correct meanwhile into the result of other options, and keeps the older one', async () => {
    const { store } = newStore();
    await run(store);
    const { signal } = new AbortController();
    const author = { by: 'anna', at: '2026-01-02T03:04:05Z', vocabulary: NO_VOCABULARY, tempDir: temp, signal };
    let corrections = 0;
    const corrected = overtake(store, async () => {
      if (corrections++ < 2) await editResult(store, 'clip-v0', [{ addTag: `tag ${corrections}` }], author);
    });
    const other = { ...config, keyframes: { ...config.keyframes, max: 1 } };
    const described = await run(corrected, { config: other });
    const result = await readResult(store, 'clip-v0');
    expect(result).toMatchObject({ digest: described.digest, options: { maxKeyframes: 1 } });
    expect(result.tags.filter(({ edit }) => edit !== undefined).map(({ name }) => name)).toEqual(['tag 1', 'tag 2']);
    expect(await store.kept('clip-v0')).toHaveLength(1);
  });

  test('loses to a worker that was faster, and takes its result where it is the same', async () => {
    const { store, root } = newStore();
    let theirs = '';
    const overtaken = overtake(store, async () => {
      await run(store);
      theirs = await readFile(join(root, 'clip-v0', 'run.json'), 'utf8');
    });
    const described = await run(overtaken);
    expect(described.name).toBe('clip-v0');
    expect(await readFile(join(root, 'clip-v0', 'run.json'), 'utf8')).toBe(theirs);
    expect(await readdir(root)).toContain('clip-v0');
  });

  test('waits for a store that is away when the work is done, and does none of it again', async () => {
    const { store, root } = newStore();
    let [tries, captioned] = [0, 0];
    const away: Store = {
      ...store,
      begin: async (name, options) => {
        if (++tries < 3) throw new FramescribeError('STORE_UNREACHABLE', 'Expected a store, got ECONNREFUSED');
        return store.begin(name, options);
      },
    };
    const counted: Captioner = {
      ...captioner,
      caption: (...args) => {
        captioned += args[0].length;
        return captioner.caption(...args);
      },
    };
    const { keyframes } = await run(away, { captioner: counted });
    expect(tries).toBe(3);
    expect(captioned).toBe(keyframes);
    expect(await readdir(root)).toContain('clip-v0');
  });

  test('loses to a worker that was faster, and says so where its result is another', async () => {
    const { store, root } = newStore();
    const overtaken = overtake(store, async () => {
      const publication = await store.begin('clip-v0');
      await publication.put('result.json', Buffer.from('{}'));
      await publication.commit();
    });
    await expect(run(overtaken)).rejects.toMatchObject({ code: 'RESULT_CONFLICT' });
    expect(await readFile(join(root, 'clip-v0', 'result.json'), 'utf8')).toBe('{}');
  });
});

function newStore() {
  const root = join(home, `out${++count}`);
  return { store: folderStore(root), root };
}

async function run(store: Store, changes: Partial<Parameters<typeof describeSource>[1]> = {}) {
  const signal = new AbortController().signal;
  const outcome = await describeSource(task, {
    config,
    bundle,
    captioner,
    store,
    workspace,
    sources: new SourceCache(workspace, config),
    signal,
    patience: { patienceMs: 10_000, signal, onAway: () => {} },
    meter: new Meter(),
    onProgress: () => {},
    ...changes,
  });
  if (outcome.kind !== 'described') throw new Error('Expected a result, got a plan');
  return outcome.result;
}

/** A store in which somebody else publishes between this worker's look at the place and its own publication. */
function overtake(store: Store, meanwhile: () => Promise<void>): Store {
  return {
    ...store,
    begin: async (name, options) => {
      await meanwhile();
      return store.begin(name, options);
    },
  };
}
