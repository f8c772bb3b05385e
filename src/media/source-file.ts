import { open, stat } from 'node:fs/promises';
import { FramescribeError } from '../domain/errors.ts';

/** Checks that a path is a readable file with bytes in it, as far as that can be told without FFmpeg. */
export async function checkSourceFile(path: string, maxBytes: number): Promise<void> {
  const facts = await stat(path).catch((cause) => {
    throw sourceError(path, cause);
  });
  if (!facts.isFile()) {
    const what = facts.isDirectory() ? 'a folder' : 'a device, pipe or socket';
    throw new FramescribeError('SOURCE_NOT_A_FILE', `Expected a video file, got ${what}: ${path}`);
  }
  const file = await open(path).catch((cause) => {
    throw sourceError(path, cause);
  });
  await file.close();
  if (facts.size === 0) throw new FramescribeError('SOURCE_EMPTY', `Expected a video, got a file of 0 bytes: ${path}`);
  if (facts.size > maxBytes) {
    throw new FramescribeError('SOURCE_TOO_LARGE', `Expected at most ${maxBytes} bytes, got ${facts.size}: ${path}`);
  }
}

/** The first bytes of a file, as many as it has up to `length`. */
export async function readHead(path: string, length: number): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

function sourceError(path: string, cause: unknown): FramescribeError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (code === 'EACCES' || code === 'EPERM') {
    return new FramescribeError('SOURCE_UNREADABLE', `Expected to read ${path}, but it isn't allowed`, { cause });
  }
  return new FramescribeError('SOURCE_NOT_FOUND', `Expected a file at ${path}, but there is none (${code})`, { cause });
}
