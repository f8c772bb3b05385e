import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from './checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'framescribe-count-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['tests that all pass', report(3, 0, []), '3 passed, 0 failed', 0],
  ['a failed test', report(3, 1, [{ status: 'failed', assertionResults: [{}] }]), '3 passed, 1 failed', 1],
  [
    'a file that breaks before its tests',
    report(3, 0, [{ status: 'failed', assertionResults: [] }]),
    '3 passed, 1 failed',
    1,
  ],
  ['no test at all', report(0, 0, []), '0 passed, 0 failed', 1],
  ['a run that never reached the tests', '', '0 passed, 0 failed', 1],
])('counts %s', (_name, text, line, exitCode) => {
  const file = join(folder, 'report.json');
  writeFileSync(file, text);
  const done = spawnSync(process.execPath, [join(ROOT, 'scripts', 'count-tests.mjs'), file], { encoding: 'utf8' });
  expect([done.stdout, done.status]).toEqual([`${line}\n`, exitCode]);
});

function report(numPassedTests: number, numFailedTests: number, testResults: object[]): string {
  return JSON.stringify({ numPassedTests, numFailedTests, testResults });
}
