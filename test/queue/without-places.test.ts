import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { FramescribeError } from '../../src/domain/errors.ts';
import { withoutPlaces } from '../../workers/without-places.ts';

const SOURCE = 's3://tapes/1998/The $& way.mp4';
const told = (message: string, tempDir = '/srv/temp (a)') =>
  withoutPlaces(new FramescribeError('NO_FRAMES', message), tempDir, SOURCE).message;

test('a failure calls the copy of the source by the source’s own name, wherever it stands', () => {
  const copy = '/srv/temp (a)/framescribe-work-0123456789abcdef/job-x1/source';
  expect(told(`Expected frames, got none: ${copy}\n[error] file:${copy}: moov atom not found`)).toBe(
    'Expected frames, got none: The $& way.mp4\n[error] file:The $& way.mp4: moov atom not found',
  );
});

test('a failure calls any other temporary file by its last part', () => {
  const folder = `${tmpdir()}/framescribe-work-0123456789abcdef/job-x1/framescribe-u7`;
  expect(told(`Expected captions of ${folder}/k0001.jpg, got none`, '')).toBe(
    'Expected captions of k0001.jpg, got none',
  );
  expect(told(`ENOSPC: no space left, open '${folder}/k0002.jpg'`, '')).toBe("ENOSPC: no space left, open 'k0002.jpg'");
});

test('a failure keeps the places that whoever submitted the source knows', () => {
  const error = new FramescribeError('SOURCE_NOT_FOUND', 'Expected a readable file at /srv/temp (a)/mine.mp4');
  expect(withoutPlaces(error, '/srv/temp (a)', '/srv/temp (a)/mine.mp4')).toBe(error);
});
