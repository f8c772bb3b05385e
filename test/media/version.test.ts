import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import defaults from '../../config/default.json' with { type: 'json' };
import { programVersions } from '../../src/media/version.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'version-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A program that prints one line on standard error, as FFmpeg does with its banner. */
async function program(line: string): Promise<string> {
  const path = join(folder, `program-${line.replace(/\W/g, '-')}`);
  await writeFile(path, `#!/bin/sh\necho '${line}' >&2\nexit 1\n`);
  await chmod(path, 0o755);
  return path;
}

const signal = new AbortController().signal;
const ask = (path: string) => programVersions({ ffmpeg: { ...defaults.ffmpeg, path } }, signal);

describe('the versions of the programs', () => {
  test('are those of the installed FFmpeg and ffprobe', async () => {
    const { ffmpeg, ffprobe } = await programVersions(defaults, signal);
    expect(ffmpeg).toMatch(/\d/);
    expect(ffprobe).toBe(ffmpeg);
  });

  test.each(['5.1.9-0+deb12u1', '7.1', 'n6.0', 'N-109468-g1234567'])('%s is new enough', async (version) => {
    expect((await ask(await program(`ffmpeg version ${version} Copyright`))).ffmpeg).toBe(version);
  });

  test.each(['4.4.2', '5.0.3', 'n4.1'])('%s is too old', async (version) => {
    const outcome = ask(await program(`ffmpeg version ${version} Copyright`));
    await expect(outcome).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
      message: expect.stringContaining('5.1 or newer'),
    });
  });

  test('a program that says something else, or is not there, is no FFmpeg', async () => {
    await expect(ask(await program('hello'))).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
    await expect(ask(join(folder, 'absent'))).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
  });
});
