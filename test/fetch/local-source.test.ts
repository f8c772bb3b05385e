import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fetchInto, settingsWith, testFolder, VIDEO } from './fetching.ts';

describe('a local source', () => {
  test('below an allowed folder is copied, and hashed', async () => {
    const { allowed, settings } = await folders();
    const path = join(allowed, 'tapes', 'My dog.mp4');
    await mkdir(join(allowed, 'tapes'));
    await writeFile(path, VIDEO);
    const fetched = await fetchInto(path, settings);
    const sha256 = createHash('sha256').update(VIDEO).digest('hex');
    expect(fetched).toMatchObject({ bytes: VIDEO.length, sha256, name: 'My dog.mp4' });
    expect((await readFile(fetched.path)).equals(VIDEO)).toBe(true);
    expect((await stat(fetched.path)).ino).not.toBe((await stat(path)).ino);
  });

  test('is refused where no folder is allowed', async () => {
    const { allowed } = await folders();
    await writeFile(join(allowed, 'a.mp4'), VIDEO);
    await expect(fetchInto(join(allowed, 'a.mp4'), settingsWith())).rejects.toMatchObject({
      code: 'SOURCE_REFUSED_ADDRESS',
    });
  });

  test('outside is refused by whatever way it is named', async () => {
    const { allowed, outside, settings } = await folders();
    await writeFile(join(outside, 'a.mp4'), VIDEO);
    await mkdir(`${allowed}-too`);
    await writeFile(`${allowed}-too/a.mp4`, VIDEO);
    await symlink(join(outside, 'a.mp4'), join(allowed, 'file.mp4'));
    await symlink(outside, join(allowed, 'folder'));
    const ways = [
      join(outside, 'a.mp4'),
      `${allowed}/../outside/a.mp4`,
      `${allowed}-too/a.mp4`,
      join(allowed, 'file.mp4'),
      join(allowed, 'folder', 'a.mp4'),
      '/etc/passwd',
      '/proc/self/environ',
    ];
    for (const way of ways) {
      await expect(fetchInto(way, settings)).rejects.toMatchObject({ code: 'SOURCE_REFUSED_ADDRESS' });
    }
  });

  test('may be named by a link that stays inside, and an allowed folder may be a link itself', async () => {
    const { root, allowed } = await folders();
    await writeFile(join(allowed, 'a.mp4'), VIDEO);
    await symlink('a.mp4', join(allowed, 'b.mp4'));
    await symlink(allowed, join(root, 'door'));
    const settings = settingsWith({ folders: `/nowhere, ${join(root, 'door')}` });
    expect(await fetchInto(join(root, 'door', 'b.mp4'), settings)).toMatchObject({ bytes: VIDEO.length });
  });

  test('has to be a file with something in it', async () => {
    const { allowed, settings } = await folders();
    await mkdir(join(allowed, 'folder'));
    await writeFile(join(allowed, 'empty.mp4'), '');
    execFileSync('mkfifo', [join(allowed, 'pipe')]);
    for (const [name, code] of [
      ['missing.mp4', 'SOURCE_NOT_FOUND'],
      ['folder', 'SOURCE_NOT_A_FILE'],
      ['pipe', 'SOURCE_NOT_A_FILE'],
      ['empty.mp4', 'SOURCE_EMPTY'],
    ] as const) {
      await expect(fetchInto(join(allowed, name), settings)).rejects.toMatchObject({ code });
    }
  });

  test('keeps to the limit of bytes', async () => {
    const { allowed, root } = await folders();
    await writeFile(join(allowed, 'a.mp4'), VIDEO);
    await link(join(allowed, 'a.mp4'), join(allowed, 'b.mp4'));
    const settings = settingsWith({ folders: root }, { maxBytes: VIDEO.length - 1 });
    await expect(fetchInto(join(allowed, 'b.mp4'), settings)).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });

  test.each(['a.mp4', './a.mp4', '', 'ftp://host/a.mp4', 'file:///etc/passwd', 's3://bucket', 'https://', 'data:,a'])(
    'is not what %j names, nor is anything else',
    async (source) => {
      await expect(fetchInto(source)).rejects.toMatchObject({ code: 'SOURCE_UNSUPPORTED' });
    },
  );
});

async function folders() {
  const root = await testFolder();
  const [allowed, outside] = [join(root, 'allowed'), join(root, 'outside')];
  for (const folder of [allowed, outside]) await mkdir(folder);
  return { root, allowed, outside, settings: settingsWith({ folders: allowed }) };
}
