import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../src/pipeline/temporary-folder.ts';
import { temporaryFolder as home } from '../caption/temporary.ts';

const place = home();

test('a temporary folder is made in one that is not there yet, and another beside it', async () => {
  const base = join(place, 'not', 'yet');
  const [one, other] = [await temporaryFolder(base), await temporaryFolder(base)];
  expect([dirname(one), existsSync(one), one === other]).toEqual([base, true, false]);
});

test('a place for temporary files that is none is told by its path', async () => {
  const file = join(place, 'file');
  writeFileSync(file, '');
  await expect(temporaryFolder(file)).rejects.toMatchObject({
    code: 'OUTPUT_NOT_WRITABLE',
    message: expect.stringContaining(file),
  });
});
