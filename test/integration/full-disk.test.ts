import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { testClip } from '../../src/pipeline/test-clip.ts';
import { canMakeSmallDisk } from '../chaos/crew.ts';

const folder = mkdtempSync(join(tmpdir(), 'full-'));
const [clip, disk] = [join(folder, 'clip.y4m'), join(folder, 'disk')];
writeFileSync(clip, testClip());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A disk of 8 MB that nobody else sees is filled, the command run, what it has left told, and run again with room. */
const SCRIPT = `
  mkdir -p "$DISK" && mount -t tmpfs -o size=8m tmpfs "$DISK" && mkdir "$DISK/t" "$DISK/out"
  head -c 20000000 /dev/zero > "$DISK/ballast" 2>/dev/null
  "$@"; echo "exit $?"
  find "$DISK/t" "$DISK/out" -mindepth 1 | sed 's/^/left: /'
  rm "$DISK/ballast"
  "$@"; echo "then $?"
`;

describe.skipIf(!canMakeSmallDisk(folder))('a full disk', () => {
  test.each([
    ['of the temporary files', join(disk, 't'), join(folder, 'out')],
    ['of the results', folder, join(disk, 'out')],
  ])('%s is told with its code, leaves nothing half, and costs no more than a second try', async (_, temp, out) => {
    const command = [process.execPath, 'dist/src/cli/main.js', 'caption', clip, '--out', out];
    const args = ['--user', '--map-root-user', '--mount', 'sh', '-c', SCRIPT, 'sh', ...command];
    const env = { ...process.env, DISK: disk, FRAMESCRIBE_TEMP_DIR: temp, FRAMESCRIBE_CAPTION_THREADS: '1' };
    const { stdout, stderr } = await promisify(execFile)('unshare', args, { env });
    expect(stderr).toContain('[DISK_FULL]');
    expect(stdout).toContain('exit 4');
    expect(stdout).not.toContain('left: ');
    expect(stdout).toContain('then 0');
  });
});
