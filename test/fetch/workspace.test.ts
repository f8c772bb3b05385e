import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, stat, statfs, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWorkspace, type Workspace } from '../../src/fetch/workspace.ts';
import { testFolder } from './fetching.ts';

const TEMP = { maxBytes: 10_000_000, keepFreeBytes: 0 };

describe('a workspace', () => {
  test('gives each job a folder of its own, which others on the machine can not open, and takes all away', async () => {
    const tempDir = await testFolder();
    const workspace = await open(tempDir);
    const [one, two] = [await workspace.folder(), await workspace.folder()];
    await writeFile(join(one.path, 'source'), 'video');
    expect(one.path).not.toBe(two.path);
    expect((await stat(one.path)).mode & 0o077).toBe(0);
    await one.close();
    expect([existsSync(one.path), existsSync(two.path)]).toEqual([false, true]);
    await workspace.close();
    expect(await readdir(tempDir)).toEqual([]);
  });

  test('has a cap over all jobs, and gets back what a job has had', async () => {
    const workspace = await open(await testFolder());
    const [one, two] = [await workspace.folder(), await workspace.folder()];
    await one.claim(6_000_000);
    await expect(two.claim(5_000_000)).rejects.toMatchObject({ code: 'DISK_FULL', kind: { retryable: true } });
    await two.claim(4_000_000);
    expect(workspace.claimedBytes).toBe(10_000_000);
    await one.close();
    expect(workspace.claimedBytes).toBe(4_000_000);
    await two.claim(6_000_000);
  });

  test('promises no room of the disk twice', async () => {
    const tempDir = await testFolder();
    const { bavail, bsize } = await statfs(tempDir);
    const most = Math.floor(bavail * bsize * 0.6);
    const workspace = await open(tempDir, { maxBytes: most * 10, keepFreeBytes: 0 });
    const [one, two] = [await workspace.folder(), await workspace.folder()];
    await one.claim(most);
    await expect(two.claim(most)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await one.close();
    await two.claim(most);
  });

  test('tells what lies there', async () => {
    const workspace = await open(await testFolder());
    const job = await workspace.folder();
    await writeFile(join(job.path, 'source'), Buffer.alloc(1_000_000, 1));
    expect(await workspace.usedBytes()).toBeGreaterThanOrEqual(1_000_000);
    expect(await workspace.usedBytes()).toBeLessThan(1_100_000);
  });

  test('refuses a folder whose path is too long to tell the living from the dead', async () => {
    const tempDir = join(await testFolder(), 'x'.repeat(60));
    await expect(openWorkspace({ temp: TEMP, tempDir })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('what a process has left', () => {
  test('goes away at the next start once it is killed, and not while it lives, runs or stands still', async () => {
    const tempDir = await testFolder();
    const process = await startProcess(tempDir);
    const left = await foldersIn(tempDir);
    expect(left).toHaveLength(1);

    await (await open(tempDir)).close();
    expect(await foldersIn(tempDir)).toEqual(left);
    process.kill('SIGSTOP');
    await (await open(tempDir)).close();
    expect(await foldersIn(tempDir)).toEqual(left);

    process.kill('SIGKILL');
    await once(process, 'exit');
    const next = await open(tempDir);
    expect((await readdir(tempDir)).filter((name) => name.startsWith(left[0] ?? ''))).toEqual([]);
    await next.close();
    expect(await readdir(tempDir)).toEqual([]);
  });

  test('is told from what has nothing to do with us', async () => {
    const tempDir = await testFolder();
    const elsewhere = await testFolder();
    await writeFile(join(elsewhere, 'precious'), 'x');
    await mkdir(join(tempDir, 'framescribe-work-of-mine'));
    await writeFile(join(tempDir, 'framescribe-work-0123456789abcdef'), 'a file');
    await symlink(elsewhere, join(tempDir, 'framescribe-work-00000000000000aa'));
    await mkdir(join(tempDir, 'framescribe-work-00000000000000bb'));
    await symlink(elsewhere, join(tempDir, 'framescribe-work-00000000000000bb', 'link'));
    await (await open(tempDir)).close();
    expect((await readdir(tempDir)).sort()).toEqual([
      'framescribe-work-00000000000000aa',
      'framescribe-work-0123456789abcdef',
      'framescribe-work-of-mine',
    ]);
    expect(await readdir(elsewhere)).toEqual(['precious']);
  });

  test('may be a socket alone, which stays while its folder may be on its way', async () => {
    const tempDir = await testFolder();
    const socket = join(tempDir, 'framescribe-work-00000000000000cc.alive');
    await writeFile(socket, '');
    await (await open(tempDir)).close();
    expect(existsSync(socket)).toBe(true);
    await utimes(socket, 1, 1);
    await (await open(tempDir)).close();
    expect(existsSync(socket)).toBe(false);
  });
});

async function open(tempDir: string, temp = TEMP): Promise<Workspace> {
  const workspace = await openWorkspace({ temp, tempDir });
  onTestFinished(() => workspace.close());
  return workspace;
}

async function foldersIn(tempDir: string): Promise<readonly string[]> {
  return (await readdir(tempDir)).filter((name) => /^framescribe-work-[0-9a-f]{16}$/.test(name));
}

/** Another process with a workspace and a job in it. */
async function startProcess(tempDir: string) {
  const program = fileURLToPath(new URL('./hold-a-workspace.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, tempDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}
