import { describe, expect, test } from 'vitest';
import { type FileFilter, fileFilter } from '../../src/backfill/filters.ts';
import type { Filters } from '../../src/backfill/run-spec.ts';

const NONE: Filters = { include: [], exclude: [], sinceMs: null, maxBytes: null, anyName: false };

function filter(some: Partial<Filters>, isNamed = false): FileFilter {
  return fileFilter({ ...NONE, ...some }, isNamed);
}

describe('the filters of a run', () => {
  test.each([
    ['clip.mp4', {}, true],
    ['a/b/TAPE.MXF', {}, true],
    ['notes.txt', {}, false],
    ['notes.txt', { anyName: true }, true],
    ['1998/05/a.mp4', { include: ['1998/**'] }, true],
    ['1999/05/a.mp4', { include: ['1998/**', '1999/**'] }, true],
    ['2000/a.mp4', { include: ['1998/**'] }, false],
    ['deep/down/news-1.mp4', { include: ['news-*'] }, true],
    ['deep/down/sport-1.mp4', { include: ['news-*'] }, false],
    ['raw/a.mp4', { exclude: ['raw/**'] }, false],
    ['raw/a.mp4', { include: ['*.mp4'], exclude: ['*.mp4'] }, false],
    ['.hidden/a.mp4', { include: ['**/*.mp4'] }, true],
    ['/lead.mp4', { include: ['*.mp4'] }, true],
    ['line\nbreak.mp4', {}, true],
    ['../up.mp4', {}, true],
  ] as const)('of %j with %j says %j', (path, some, isWanted) => {
    expect(filter(some as Partial<Filters>).byName(path)).toBe(isWanted ? null : 'name');
  });

  test('let any name through that somebody wrote into a list', () => {
    expect(filter({}, true).byName('tapes/1998')).toBeNull();
    expect(filter({ exclude: ['tapes/**'] }, true).byName('tapes/1998')).toBe('name');
  });

  test('look at the time of the last change and at the size, both limits included', () => {
    const { byFacts } = filter({ sinceMs: 1000, maxBytes: 50 });
    const facts = { bytes: 50, version: '', modifiedMs: 1000 };
    expect(byFacts(facts)).toBeNull();
    expect(byFacts({ ...facts, modifiedMs: 999 })).toBe('age');
    expect(byFacts({ ...facts, bytes: 51 })).toBe('size');
  });
});
