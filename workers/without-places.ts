import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { FramescribeError } from '../src/domain/errors.ts';
import { SOURCE_FILE } from '../src/fetch/fetch-source.ts';
import { readReference } from '../src/fetch/source-reference.ts';

/**
 * A failure as others may read it, in their queue, their events, their callbacks: where this worker had its files for a
 * while tells them nothing, and is nobody's business. The copy of the source goes by the source's name, any other file by
 * its own.
 *
 * @param tempDir as configured; empty for the system's own.
 */
export function withoutPlaces(error: unknown, tempDir: string, source: string): FramescribeError {
  const known = FramescribeError.from(error);
  // All of ours begin so; a source that somebody submitted may lie beside them.
  const ours = join(resolve(tempDir || tmpdir()), 'framescribe-');
  const paths = new RegExp(`${ours.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}[^\\s:'",;)]*`, 'g');
  const message = known.message.replace(paths, (path) => {
    const file = basename(path);
    return file === SOURCE_FILE ? readReference(source).name : file;
  });
  return message === known.message ? known : new FramescribeError(known.code, message, { cause: known });
}
