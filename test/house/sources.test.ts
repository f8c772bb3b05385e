import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './checkout.ts';

const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: `src/${path.replaceAll('\\', '/')}`, text: readFileSync(join(ROOT, 'src', path), 'utf8') }));

/** Takes the environment in, and hands it to the configuration's loader. */
const READS_ENVIRONMENT = 'src/cli/main.ts';

it('reads the environment in one place', () => {
  const readers = SOURCES.filter(({ text }) =>
    /process\s*\.\s*env\b(?!\.\w+ (\?\?)?= )/.test(text.replace(/^\s*\/?\*.*$/gm, '')),
  ).map(({ path }) => path);
  expect(readers).toEqual([READS_ENVIRONMENT]);
});

it('has no file of more than 300 lines, lists of words apart', () => {
  const long = SOURCES.filter(({ text }) => text.split('\n').length > 301)
    .map(({ path }) => path)
    .filter((path) => path !== 'src/summary/lexicon.ts');
  expect(long).toEqual([]);
});
