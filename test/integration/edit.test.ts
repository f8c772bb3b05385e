import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_VOCABULARY } from '../../src/domain/vocabulary.ts';
import { correct, readEdits } from '../../src/pipeline/corrected.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import { putSoundResult, resultOfAnotherModel, soundResult } from '../pipeline/sound-result.ts';
import { exampleResult } from '../render/example-result.ts';
import { framescribe } from './framescribe.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'framescribe-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('a result is corrected, described by another model, compared, put back and purged', async () => {
  const store = folderStore(root);
  const clip = join(root, 'clip');
  await putSoundResult(store, 'clip', await soundResult());

  const edited = await framescribe([
    ...['edit', clip, '--caption', 'k0005=the mayor = a guest', '--rename-tag', 'dog=husky', '--sentence', '1='],
    ...['--title', 'c01=The visit', '--by', 'anna'],
  ]);
  expect(edited.stdout).toContain('e0001  applied  ');
  expect(edited.stdout).toContain('“the mayor = a guest”, not “a man and a woman are sitting on a bench”');
  expect(edited.stdout).toMatch(/4 edits\n$/);
  const { digest } = JSON.parse((await framescribe(['edit', clip, '--json'])).stdout);
  const stale = await framescribe(['edit', clip, '--add-tag', 'x', '--expect', `sha256:${'0'.repeat(64)}`]);
  expect(stale).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('EDIT_CONFLICT') });
  const again = await framescribe(['edit', clip, '--undo', 'e0004', '--expect', digest]);
  expect(again.stdout).toMatch(/3 edits\n$/);
  expect((await framescribe(['verify', clip])).stdout).toMatch(/sound\n$/);
  const people = await framescribe(['diff', clip]);
  expect(people.stdout).toContain('example-lstm 1.0.0 → example-lstm 1.0.0 with edits');
  expect(people.stdout).toMatch(/ - a man and a woman are sitting on a bench {2}\(0\.64\)\n +\+ the mayor = a guest/);

  const { keyframes } = exampleResult();
  const horse = keyframes.map((keyframe) => {
    const [best] = keyframe.captions;
    const captions =
      best && keyframe.id === 'k0001' ? [{ ...best, text: 'a horse in the grass', tokens: [] }] : undefined;
    return { ...keyframe, ...(captions && { captions }) };
  });
  const another = await resultOfAnotherModel({ keyframes: horse });
  await putSoundResult(store, 'clip', another, correct(another, await readEdits(store, 'clip'), NO_VOCABULARY));
  const versions = JSON.parse((await framescribe(['versions', clip, '--json'])).stdout);
  expect(versions).toMatchObject([
    { isCurrent: true, isEdited: true, model: { name: 'example-gru' } },
    { isCurrent: false, isEdited: true, model: { name: 'example-lstm' } },
  ]);
  const diff = JSON.parse((await framescribe(['diff', clip, '--from', 'example-lstm', '--json'])).stdout);
  expect(diff).toMatchObject({ from: { model: 'example-lstm' }, to: { model: 'example-gru' } });
  expect(diff.captions).toMatchObject([
    { from: { text: 'two dogs are running through the grass' }, to: { text: 'a horse in the grass' } },
  ]);
  expect(diff.tags).toContainEqual(expect.objectContaining({ name: 'horse', from: null }));

  const back = await framescribe(['versions', clip, '--use', 'example-lstm']);
  expect(back.stdout).toMatch(/example-lstm .*current, edited\)\n.*example-gru/);
  const dry = await framescribe(['purge', '--in', root]);
  expect(dry.stdout).toMatch(/example-gru .*\n1 versions, .*: to remove; --yes does it\n$/);
  await framescribe(['purge', clip, '--yes']);
  expect(await store.kept('clip')).toEqual([]);
  expect((await framescribe(['verify', clip])).stdout).toMatch(/sound\n$/);
});

test('edits that are none are refused, with a code, and change nothing', async () => {
  const store = folderStore(root);
  const clip = join(root, 'refused');
  await putSoundResult(store, 'refused', await soundResult());
  const revision = await store.revision('refused');
  const file = join(root, 'edits.json');
  for (const [text, code] of [
    ['{', 'EDITS_INVALID'],
    ['[{"keyframe":"../../k0001","caption":"x"}]', 'EDITS_INVALID'],
    [`[${'{"addTag":"x"},'.repeat(700_000)}{}]`, 'EDITS_INVALID'],
  ] as const) {
    await writeFile(file, text);
    expect(await framescribe(['edit', clip, '--file', file])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(code),
    });
  }
  expect(await framescribe(['edit', clip, '--caption', 'k0001'])).toMatchObject({ exitCode: 2 });
  expect(await framescribe(['edit', join(root, 'absent'), '--add-tag', 'x'])).toMatchObject({ exitCode: 3 });
  expect(await framescribe(['versions', clip, '--use', 'unheard-of'])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('VERSION_NOT_FOUND'),
  });
  expect(await framescribe(['diff', clip])).toMatchObject({ exitCode: 2 });
  expect(await store.revision('refused')).toBe(revision);
});
