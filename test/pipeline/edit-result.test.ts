import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Correction } from '../../src/domain/edits.ts';
import { NO_VOCABULARY } from '../../src/domain/vocabulary.ts';
import { correct, readCorrected, readEdits } from '../../src/pipeline/corrected.ts';
import { editResult, parseGivenEdits } from '../../src/pipeline/edit-result.ts';
import { lookUp } from '../../src/pipeline/look-up.ts';
import { readResult } from '../../src/pipeline/stored-results.ts';
import { verifyResult } from '../../src/pipeline/verify.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import { s3Store } from '../../src/storage/s3-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { makeBucket } from '../services/s3-bucket.ts';
import { canStartS3Server, type S3Server, startS3Server } from '../services/s3-server.ts';
import { putSoundResult, resultOfAnotherModel, soundResult } from './sound-result.ts';

const machine = await soundResult();
let home = '';
let temp = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'framescribe-test-'));
  temp = await mkdtemp(join(home, 'temp-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const EDITS: readonly Correction[] = [
  { keyframe: 'k0005', caption: 'The mayor <b>&</b> his wife' },
  { addTag: 'mayor' },
  { chapter: 'c01', title: '=HYPERLINK("http://evil")' },
  { sentence: 1, text: '<script>alert(1)</script> two --> dogs' },
];

function edit(store: Store, given: Parameters<typeof editResult>[2], changes: object = {}) {
  const author = { by: 'anna', at: '2026-01-02T03:04:05Z' };
  return editResult(store, 'clip', given, {
    ...author,
    vocabulary: NO_VOCABULARY,
    tempDir: temp,
    signal: new AbortController().signal,
    ...changes,
  });
}

function keepsEdits(newStore: () => Promise<Store>): void {
  test('shows an edit in every artifact, escaped, and keeps who made it beside the result', async () => {
    const store = await newStore();
    await putSoundResult(store, 'clip', machine);
    const before = await store.list('clip');
    const { result } = await edit(store, EDITS);
    expect(await readResult(store, 'clip')).toEqual(result);
    expect(await readResult(store, 'clip', { file: 'machine.json' })).toEqual(machine);
    expect((await readEdits(store, 'clip')).edits.map(({ by }) => by)).toEqual(['anna', 'anna', 'anna', 'anna']);
    expect(await store.list('clip')).toEqual([...before, 'edits.json', 'machine.json'].sort());
    const file = async (name: string) => String(await store.read('clip', name));
    expect(await file('captions.vtt')).toContain('The mayor &lt;b&gt;&amp;&lt;/b&gt; his wife');
    expect(await file('shots.csv')).toContain(`"'=HYPERLINK(""http://evil"")"`);
    for (const artifact of ['report.html', 'summary.md']) expect(await file(artifact)).not.toContain('<script>alert');
    expect(await file('report.html')).toContain('The mayor &#60;b&#62;');
    expect(await file('summary.md')).toContain('mayor (by a person) | 100%');
    expect((await file('report.html')).match(/>by a person</g)?.length).toBeGreaterThanOrEqual(4);
    expect(await file('summary.md')).toContain('his wife (by a person)');
    expect(await file('result.json')).not.toContain('anna');
    expect((await verifyResult('clip', store)).flatMap(({ faults }) => faults)).toEqual([]);
    expect(await readdir(temp)).toEqual([]);
  });

  test('gives the same bytes for the same result and edits, in one go or one by one', async () => {
    const [one, other] = [await newStore(), await newStore()];
    for (const store of [one, other]) await putSoundResult(store, 'clip', machine);
    await edit(one, EDITS);
    for (const each of EDITS) await edit(other, [each]);
    for (const file of await one.list('clip')) {
      if (file !== 'manifest.json') expect(await other.read('clip', file), file).toEqual(await one.read('clip', file));
    }
  });

  test('is as it was when all edits are undone', async () => {
    const store = await newStore();
    await putSoundResult(store, 'clip', machine);
    await edit(store, EDITS);
    await edit(
      store,
      ['e0001', 'e0002', 'e0003', 'e0004'].map((undo) => ({ undo })),
    );
    expect(await readResult(store, 'clip')).toEqual(machine);
    expect(await store.list('clip')).not.toContain('edits.json');
  });

  test('lets one of four editors win, and tells the others', async () => {
    const store = await newStore();
    await putSoundResult(store, 'clip', machine);
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((tag) => edit(store, [{ addTag: tag }])));
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    // Whoever began after the first one had ended was none too late.
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.map(({ reason }) => reason.code)).toEqual(lost.map(() => 'EDIT_CONFLICT'));
    expect((await readEdits(store, 'clip')).edits).toHaveLength(4 - lost.length);
    const stale = edit(store, [{ addTag: 'late' }], { expected: machine.digest });
    await expect(stale).rejects.toMatchObject({ code: 'EDIT_CONFLICT' });
  });

  test('is kept in the result of another model, and the older result beside it', async () => {
    const store = await newStore();
    await putSoundResult(store, 'clip', machine);
    await edit(store, EDITS);
    const another = await resultOfAnotherModel();
    expect(await lookUp(store, 'clip', machine)).toBe('there');
    expect(await lookUp(store, 'clip', another)).toBe('other');
    await putSoundResult(store, 'clip', another, correct(another, await readEdits(store, 'clip'), NO_VOCABULARY));
    expect(await lookUp(store, 'clip', another)).toBe('there');
    const now = await readCorrected(store, 'clip');
    expect(now.result.model.name).toBe('example-gru');
    expect(now.result.tags.map(({ name }) => name)).toContain('mayor');
    const [kept = ''] = await store.kept('clip');
    expect((await readCorrected(store, 'clip', kept)).machine).toEqual(machine);
    expect((await verifyResult('clip', store)).flatMap(({ faults }) => faults)).toEqual([]);
  });
}

describe('an edit in a folder', () => {
  const newStore = async () => folderStore(await mkdtemp(join(home, 'store-')));
  keepsEdits(newStore);

  test('of a result that is not there, or is damaged, changes nothing', async () => {
    const store = await newStore();
    await expect(edit(store, [{ addTag: 'a' }])).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
    const publication = await store.begin('clip');
    await publication.put('result.json', Buffer.from('{"schema":'));
    await publication.commit();
    await expect(edit(store, [{ addTag: 'a' }])).rejects.toMatchObject({ code: 'RESULT_INVALID' });
    expect(await store.list('clip')).toEqual(['manifest.json', 'result.json']);
  });
});

describe.runIf(canStartS3Server())('an edit in a bucket', () => {
  let server: S3Server;
  let newStore: () => Promise<Store>;
  beforeAll(async () => {
    server = await startS3Server();
    const { client, settings, env } = await makeBucket(server, 'edits');
    client.destroy();
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    newStore = async () => s3Store({ bucket: 'edits', prefix: `${randomBytes(6).toString('hex')}/` }, settings);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.stop();
  });
  keepsEdits(() => newStore());
});

describe('a file of edits', () => {
  test('is a list of corrections, alone or in an object, or a whole document', () => {
    const list = [{ addTag: 'a' }];
    expect(parseGivenEdits(JSON.stringify(list))).toEqual(list);
    expect(parseGivenEdits(JSON.stringify({ edits: list }))).toEqual(list);
    const document = { schema: 'framescribe/edits@1', edits: [] };
    expect(parseGivenEdits(JSON.stringify(document))).toEqual(document);
  });

  test.each(['', '{', 'null', '7', '"edits"', '{}', '{"edits":{}}', '{"schema":"framescribe/edits@2","edits":[]}'])(
    'refuses %j',
    (text) => {
      expect(() => parseGivenEdits(text)).toThrow(expect.objectContaining({ code: 'EDITS_INVALID' }));
    },
  );
});
