import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkpointStore, oldCheckpoints } from '../../src/pipeline/old-checkpoints.ts';
import { settings } from '../media/clips.ts';
import { publish } from '../storage/store-contract.ts';

const WEEK_MS = 7 * 86_400_000;
const [FAILED, RUNNING, KEY] = ['v1', 'v2', '0123456789abcdef'];

test('segments are old when none was written for long and their job is not under way; nothing else is touched', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const store = await checkpointStore(folder, settings.storage);
  const names = [`${FAILED}-0000-${KEY}`, `${FAILED}-0001-${KEY}`, `${RUNNING}-0000-${KEY}`, 'of-somebody-else'];
  for (const name of names) await publish(store, name, { 'segment.json': '{}' });
  const past = new Date(Date.now() - 2 * WEEK_MS);
  for (const name of names.filter((one) => !one.includes('0001'))) await utimes(store.locate(name), past, past);
  const asked: string[] = [];
  const found: string[] = [];
  const isUnderWay = async (job: string) => {
    asked.push(job);
    return job === RUNNING;
  };
  for await (const name of oldCheckpoints(store, WEEK_MS, isUnderWay)) found.push(name);
  expect(found).toEqual([`${FAILED}-0000-${KEY}`]);
  expect(asked.sort()).toEqual([FAILED, RUNNING]);
});
