import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { idOfResult } from '../../src/queue/job-id.ts';
import type { JobStatus } from '../../src/queue/status.ts';
import { documentOf } from '../../src/search/document.ts';
import { type ListQuery, listQuery } from '../../src/server/contract/index.ts';
import { factsOf, titleOf } from '../../src/server/library/entry.ts';
import { openLibrary } from '../../src/server/library/library.ts';
import { exampleResult } from '../render/example-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'framescribe-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newLibrary = () => openLibrary(join(folder, `${++files}.sqlite`));
const query = (given: Record<string, unknown> = {}): ListQuery => listQuery.parse(given);

function result(name: string, source = `${name}.mp4`) {
  const example = exampleResult();
  return documentOf(name, 'r1', { ...example, video: { ...example.video, source } });
}

function job(digit: string, more: Partial<JobStatus> = {}): JobStatus {
  const times = { submittedMs: Number.parseInt(digit, 16) * 1000, startedMs: null, endedMs: null };
  const none = { progress: null, result: null, failure: null };
  return {
    ...{ id: `v${digit.repeat(31)}`, state: 'waiting', source: `https://a.example/tape-${digit}.mp4`, labels: {} },
    ...{ priority: 'upload', attempts: 0, ...times, ...none, ...more },
  };
}

test('a name that turns the direction of its letters is shown as it is spelled', () => {
  const spelled = job('1', { labels: { name: 'שלום \u202egpj.mp4' } });
  expect(titleOf({ job: spelled, result: null })).toBe('שלום gpj.mp4');
  expect(titleOf({ job: null, result: factsOf(result('a', 'a\u202egpj.mp4')) })).toBe('agpj.mp4');
});

describe('a library', () => {
  test('gives every video once, page by page, in each order', () => {
    using library = newLibrary();
    library.note(['1', '2', '3', '4', '5', '6', '7'].map((digit) => job(digit)));
    library.put([result('a-day'), result('a-night')]);
    for (const sort of ['newest', 'oldest', 'name', 'longest']) {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = library.list(query({ sort, limit: '2', ...(cursor !== undefined && { cursor }) }));
        expect(page.total).toBe(9);
        ids.push(...page.entries.map(({ id }) => id));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect([sort, ids.length, new Set(ids).size]).toEqual([sort, 9, 9]);
    }
    expect(library.list(query({ sort: 'longest', limit: '2' })).entries.map(({ id }) => id[0])).toEqual(['r', 'r']);
  });

  test('finds videos by what is seen and by their names, also while a word is typed, and within filters', () => {
    using library = newLibrary();
    library.note([job('1', { labels: { name: 'Grandma at the beach.mov' } }), job('2', { state: 'failed' })]);
    library.put([result('a-day')]);
    const [tag = ''] = exampleResult().tags.map(({ name }) => name);
    const found = (given: Record<string, unknown>) => library.list(query(given)).entries.map(({ id }) => id);
    expect(found({ q: 'grandm' })).toEqual([job('1').id]);
    expect(found({ q: 'tape' })).toEqual([job('2').id]);
    expect(found({ q: tag })).toEqual([idOfResult('a-day')]);
    expect(found({ q: tag, state: 'failed' })).toEqual([]);
    expect(found({ tag, state: 'completed' })).toEqual([idOfResult('a-day')]);
    expect(found({ state: ['failed', 'waiting'] })).toEqual([job('2').id, job('1').id]);
    expect(library.list(query({ q: tag })).entries[0]?.moments?.[0]?.text).toContain(tag);
    expect(() => library.list(query({ cursor: 'bm90IG91cnM' }))).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    );
  });

  test('knows a job and its result as one video, whichever came first', () => {
    using library = newLibrary();
    const name = `tape-1-${job('1').id}`;
    const described = { name, place: name, sha256: '', digest: '', durationMs: 1, shots: 1, keyframes: 1, summary: '' };
    library.put([result(name)]);
    library.note([job('1', { state: 'completed', result: described })]);
    library.note([job('2', { state: 'completed', result: described })]);
    expect(library.list(query()).entries.map(({ id }) => id)).toEqual([job('2').id, job('1').id]);
    expect(library.get(job('2').id)?.result?.keyframes).toBe(exampleResult().keyframes.length);
    library.remove([name]);
    expect(library.list(query()).total).toBe(0);
  });

  test('forgets jobs without a result only, and begins anew where its file is something else', () => {
    const file = join(folder, 'damaged.sqlite');
    writeFileSync(file, 'Dear index, '.repeat(1000));
    using library = openLibrary(file);
    const name = `tape-1-${job('1').id}`;
    library.note([job('1'), job('2')]);
    library.put([result(name)]);
    expect([...library.withoutResult()]).toEqual([job('2').id]);
    expect(library.forget([job('1').id, job('2').id])).toEqual([job('2').id]);
    library.drop(job('1').id);
    expect(library.list(query()).total).toBe(0);
    expect(library.revisions().size).toBe(0);
    expect(library.tags(10)).toEqual([]);
  });
});
