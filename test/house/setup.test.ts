import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Checkout } from './checkout.ts';

describe.skipIf(process.platform === 'win32')('scripts/setup.mjs', () => {
  it('installs packages without CUDA and builds in a fresh clone, then has nothing to do or say', () => {
    using checkout = withFfmpeg('5.1.9-0+deb12u1');
    const first = checkout.setUp();
    expect(first).toMatchObject({ exitCode: 0 });
    expect(checkout.npmCalls()).toEqual([
      'ci --include=dev --ignore-scripts --loglevel=error cuda=skip',
      'run --silent build cuda=undefined',
    ]);
    expect(statSync(join(checkout.folder, 'dist/src/cli/main.js')).mode & 0o111).toBe(0o111);

    expect(checkout.setUp()).toEqual({ exitCode: 0, said: '' });
    expect(checkout.npmCalls()).toHaveLength(2);
  });

  it('installs again when the lockfile names another version', () => {
    using checkout = withFfmpeg('6.1');
    checkout.setUp();
    checkout.write('package-lock.json', JSON.stringify({ packages: { 'node_modules/zod': { version: '4.0.1' } } }));
    checkout.setUp();
    expect(checkout.npmCalls().filter((call) => call.startsWith('ci'))).toHaveLength(2);
  });

  it('leaves packages of other platforms alone', () => {
    using checkout = withFfmpeg('6.1');
    checkout.setUp();
    const packages = {
      'node_modules/zod': { version: '4.0.0' },
      'node_modules/other-os': { version: '1.0.0', optional: true },
    };
    checkout.write('package-lock.json', JSON.stringify({ packages }));
    checkout.setUp();
    expect(checkout.npmCalls().filter((call) => call.startsWith('ci'))).toHaveLength(1);
  });

  it('builds again when a source is newer than the build', () => {
    using checkout = withFfmpeg('7.0.2');
    checkout.setUp();
    checkout.write('src/cli/new.ts', '');
    const later = new Date(Date.now() + 5000);
    utimesSync(join(checkout.folder, 'src/cli/new.ts'), later, later);
    checkout.setUp();
    expect(checkout.npmCalls().filter((call) => call.startsWith('run'))).toHaveLength(2);
  });

  it('says how to install FFmpeg where it may not do so itself', () => {
    using checkout = new Checkout();
    checkout.program('dnf', 'exit 1');
    const { exitCode, said } = checkout.setUp();
    expect(exitCode).toBe(2);
    expect(said).toContain(
      'FFmpeg 5.1 or newer (ffmpeg and ffprobe) is missing. Install it: sudo dnf install ffmpeg-free',
    );
    expect(checkout.npmCalls()).toEqual([]);
  });

  it('refuses an FFmpeg that is too old, and takes one built from Git', () => {
    using old = withFfmpeg('4.4.2-0ubuntu0.22.04.1');
    expect(old.setUp()).toMatchObject({
      exitCode: 2,
      said: expect.stringContaining('Expected FFmpeg 5.1 or newer, found 4.4'),
    });
    using fresh = withFfmpeg('N-118000-g1234567890');
    expect(fresh.setUp()).toMatchObject({ exitCode: 0 });
    using named = withFfmpeg('n7.1');
    expect(named.setUp()).toMatchObject({ exitCode: 0 });
  });

  it('goes on to the tests without Redis and Chromium, and says what is left out', () => {
    using checkout = withFfmpeg('5.1');
    const { exitCode, said } = checkout.setUp('--tests');
    expect(exitCode).toBe(0);
    expect(said).toMatch(/redis-server is missing.*tests of the queue are left out/);
    expect(said).toMatch(/Chromium is missing.*tests in a browser are left out/);
  });
});

function withFfmpeg(version: string): Checkout {
  const checkout = new Checkout();
  checkout.program('ffmpeg', `echo "ffmpeg version ${version} Copyright (c) 2000-2024 the FFmpeg developers"`);
  checkout.program('ffprobe', 'exit 0');
  return checkout;
}
