import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';

/**
 * Makes a folder for temporary files; whoever asked for it removes it.
 *
 * @param tempDir as configured, made where it isn't there yet; empty for the system's own.
 * @throws {FramescribeError} OUTPUT_NOT_WRITABLE, DISK_FULL
 */
export async function temporaryFolder(tempDir: string): Promise<string> {
  const base = tempDir || tmpdir();
  try {
    await mkdir(base, { recursive: true });
    return await mkdtemp(join(base, 'framescribe-'));
  } catch (error) {
    const known = FramescribeError.from(error);
    if (known.code !== 'INTERNAL') throw known;
    throw new FramescribeError(
      'OUTPUT_NOT_WRITABLE',
      `Expected to write temporary files in ${base}: ${known.message}`,
      {
        cause: error,
      },
    );
  }
}
