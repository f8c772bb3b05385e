import { describe, expect, test } from 'vitest';
import { outcomesOf } from '../../src/backfill/outcomes.ts';
import type { BackfillMode, RunSpec } from '../../src/backfill/run-spec.ts';
import type { Item } from '../../src/backfill/run-state.ts';
import { isTaken, nameOf } from '../../src/backfill/standing.ts';
import { versionIdOf } from '../../src/pipeline/version-id.ts';
import type { SeenJob } from '../../src/queue/catalogue.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import { jsonFile } from '../../src/text/json-pieces.ts';
import { temporaryFolder } from '../media/clips.ts';
import { resultOfAnotherModel, soundResult } from '../pipeline/sound-result.ts';
import { SPEC } from './a-run.ts';

const item: Item = { id: 'v1', source: '/tapes/a.mp4', version: 'e', labels: {}, bytes: 1, chosenMs: 7, isHeld: false };
const folder = temporaryFolder();
let stores = 0;

/** A store with what a model has made of the item, and what a run wants of it. */
async function made(by: 'this model' | 'another model' | 'other options' | 'nobody') {
  const { model, options } = await soundResult();
  const spec: RunSpec = {
    ...SPEC,
    model: { name: model.name, version: model.version, digest: model.digest },
    wanted: options,
  };
  const store = folderStore(`${folder}/${++stores}`);
  const others = {
    'this model': () => soundResult(),
    'another model': () => resultOfAnotherModel(),
    'other options': () => soundResult({ options: { ...options, beam: options.beam + 1 } }),
  };
  if (by !== 'nobody') {
    const result = await others[by]();
    const publication = await store.begin(nameOf(item, spec), { version: versionIdOf(result) });
    await publication.put('result.json', jsonFile(result));
    await publication.commit();
  }
  return { spec, store };
}

describe('what stands of a video', () => {
  test.each([
    ['nobody', ['missing', 'all']],
    ['this model', ['all']],
    ['another model', ['missing', 'stale', 'all']],
    ['other options', ['missing', 'all']],
  ] as const)('made by %s is taken by %j', async (by, modes) => {
    const { spec, store } = await made(by);
    const taken: BackfillMode[] = [];
    for (const mode of ['missing', 'stale', 'all'] as const)
      if (await isTaken(item, { ...spec, mode }, store)) taken.push(mode);
    expect(taken).toEqual(modes);
  });

  test('of another version of the object is another video', async () => {
    const { spec, store } = await made('this model');
    expect(await isTaken({ ...item, version: 'later' }, spec, store)).toBe(true);
  });
});

describe('what has become of a video', () => {
  const result = {
    name: '',
    place: '/elsewhere/a',
    sha256: '',
    digest: '',
    durationMs: 500,
    shots: 1,
    keyframes: 1,
    summary: '',
  };
  const completed: SeenJob = { chosenMs: 7, end: { kind: 'completed', result, endedMs: 9 } };

  async function outcome(by: Parameters<typeof made>[0], job: SeenJob | null, mode: BackfillMode = 'missing') {
    const { spec, store } = await made(by);
    return outcomesOf([item], { ...spec, mode }, { store, catalogue: { look: async () => [job] }, nowMs: () => 10 });
  }

  test.each([
    ['this model', completed, { kind: 'completed', endedMs: 9, cost: { videoMs: 500, cpuMs: 0 } }],
    ['this model', null, { kind: 'completed', endedMs: 10 }],
    ['nobody', null, { kind: 'lost' }],
    ['another model', null, { kind: 'lost' }],
    ['this model', { ...completed, chosenMs: 3 }, { kind: 'completed' }],
    ['nobody', { ...completed, chosenMs: 3 }, { kind: 'lost' }],
  ] as const)('made by %s, with the job %j, is %j', async (by, job, expected) => {
    expect(await outcome(by, job)).toEqual([expect.objectContaining(expected)]);
  });

  test('that waits or is under way is nothing yet', async () => {
    expect(await outcome('nobody', { chosenMs: 7, end: null })).toEqual([]);
  });

  test('with an older job that has ended, where everything is to be done, is yet to be submitted', async () => {
    expect(await outcome('this model', { ...completed, chosenMs: 3 }, 'all')).toEqual([
      expect.objectContaining({ kind: 'lost' }),
    ]);
  });

  test.each(['nobody', 'another model', 'other options'] as const)(
    'whose worker has another store, model or settings (made by %s) is an error of the configuration',
    async (by) => {
      await expect(outcome(by, completed)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('/elsewhere/a'),
      });
    },
  );
});
