import { constants, type FileHandle, open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { type ErrorCode, FramescribeError } from '../domain/errors.ts';
import type { Remote } from './remote.ts';

const READ_CHUNK_BYTES = 1 << 18;

/** A file in one of the folders that may be read, symbolic links followed and checked. */
export function localSource(path: string, folders: readonly string[]): Remote {
  return {
    label: path,
    open: async (from, signal) => {
      const file = await openBelow(path, folders);
      try {
        const facts = await file.stat({ bigint: true });
        if (!facts.isFile())
          throw new FramescribeError('SOURCE_NOT_A_FILE', `Expected a video file, got none: ${path}`);
        const revision = [facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
        const totalBytes = Number(facts.size);
        const startBytes = from?.revision === revision ? from.bytes : 0;
        const body = file.createReadStream({ start: startBytes, highWaterMark: READ_CHUNK_BYTES, signal });
        return { startBytes, totalBytes, revision, body };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
  };
}

async function openBelow(path: string, folders: readonly string[]): Promise<FileHandle> {
  const real = await realpath(path).catch(systemError(path));
  await checkPlace(path, real, folders);
  // Waits for no writer of a pipe, and follows no link that came since.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(real, flags).catch(systemError(path));
  try {
    // A folder above it may have been exchanged meanwhile: what counts is where the open file is.
    const opened = await realpath(`/proc/self/fd/${file.fd}`).catch(() => real);
    await checkPlace(path, opened, folders);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function checkPlace(path: string, real: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => null);
    if (root !== null && real.startsWith(root.endsWith(sep) ? root : root + sep)) return;
  }
  throw new FramescribeError('SOURCE_REFUSED_ADDRESS', `Expected a file below fetch.folders, got ${path}`);
}

function systemError(path: string): (cause: unknown) => never {
  return (cause) => {
    const reason = (cause as NodeJS.ErrnoException).code ?? '';
    const isForbidden = ['EACCES', 'EPERM', 'ELOOP'].includes(reason);
    const code: ErrorCode = isForbidden ? 'SOURCE_UNREADABLE' : 'SOURCE_NOT_FOUND';
    throw new FramescribeError(code, `Expected a readable file at ${path}, got ${reason}`, { cause });
  };
}
