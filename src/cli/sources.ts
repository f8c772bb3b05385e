import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import { isNamedLikeVideo } from '../media/video-names.ts';

/** A source, or why it isn't one. */
export type Candidate = { readonly source: string } | { readonly source: string; readonly error: FramescribeError };

/**
 * The videos that the words on the command line mean: a file is itself whatever its name; a folder is the files in
 * and below it that are named like videos, sorted, hidden ones and symbolic links left out.
 */
export async function expandSources(words: readonly string[]): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for (const word of words) {
    const isFolder = await stat(word).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(word)) {
      const message = `Expected a local file or folder, got a URL: ${word}`;
      found.push({ source: word, error: new FramescribeError('SOURCE_UNSUPPORTED', message) });
    } else if (isFolder) found.push(...(await expandFolder(word)));
    else found.push({ source: word });
  }
  return found;
}

async function expandFolder(folder: string): Promise<readonly Candidate[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const videos = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && isNamedLikeVideo(entry.name))
      .map((entry) => ({ source: join(entry.parentPath, entry.name) }))
      .sort((a, b) => (a.source < b.source ? -1 : 1));
    if (videos.length > 0) return videos;
    const message = `Expected videos in the folder, found none: ${folder}`;
    return [{ source: folder, error: new FramescribeError('SOURCE_NOT_FOUND', message) }];
  } catch (cause) {
    const message = `Expected a folder that can be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    return [{ source: folder, error: new FramescribeError('SOURCE_UNREADABLE', message, { cause }) }];
  }
}
