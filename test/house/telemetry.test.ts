import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './checkout.ts';

it('runs the model without leaving an identifier in the home folder', () => {
  const home = mkdtempSync(join(tmpdir(), 'framescribe-home-'));
  try {
    const doctor = spawnSync(process.execPath, [join(ROOT, 'dist', 'src', 'cli', 'main.js'), 'doctor'], {
      encoding: 'utf8',
      // No CI variable: ONNX Runtime is quiet under CI of its own accord.
      env: { PATH: process.env.PATH, HOME: home },
    });
    expect(doctor.stdout).toContain('self-test');
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  } finally {
    rmSync(home, { recursive: true });
  }
});
