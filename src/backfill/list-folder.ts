import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { FramescribeError } from '../domain/errors.ts';
import type { Entry, Listing } from './listing.ts';

const PAGE = 1000;

/**
 * The files in and below a folder, hidden ones and symbolic links left out; positions are paths below it. Of however
 * large a folder a page of names is held, so each page reads the folder again.
 *
 * @throws {FramescribeError} SOURCE_UNREADABLE: the folder itself can't be read.
 */
export function listFolder(root: string, pageNames = PAGE): Listing {
  return async function* (after) {
    let page: Entry[] = [];
    for await (const entry of walk(root, '', after === null ? null : after.split('/'), pageNames)) {
      page.push(entry);
      if (page.length < pageNames) continue;
      yield page;
      page = [];
    }
    yield page;
  };
}

async function* walk(
  root: string,
  below: string,
  after: readonly string[] | null,
  pageNames: number,
): AsyncGenerator<Entry> {
  const [first, ...rest] = after ?? [];
  const enter = (name: string, from: readonly string[] | null) => walk(root, `${below}${name}/`, from, pageNames);
  // The folder that the last entry was in is gone on with.
  if (first !== undefined && rest.length > 0) yield* enter(first, rest);
  let last = first ?? null;
  for (;;) {
    const names = await namesAfter(join(root, below), last, pageNames, below === '');
    for (const { name, isFolder } of names) {
      const path = below + name;
      if (isFolder) yield* enter(name, null);
      else yield { position: path, source: join(root, path), path, facts: null, labels: {} };
    }
    if (names.length < pageNames) return;
    last = names.at(-1)?.name ?? null;
  }
}

interface Named {
  readonly name: string;
  readonly isFolder: boolean;
}

/** The first names after one, in order. */
async function namesAfter(
  folder: string,
  after: string | null,
  limit: number,
  isRoot: boolean,
): Promise<readonly Named[]> {
  let first: Named[] = [];
  const shorten = () => {
    first = first.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
  };
  try {
    for await (const entry of await opendir(folder)) {
      if (!isListed(entry) || (after !== null && entry.name <= after)) continue;
      first.push({ name: entry.name, isFolder: entry.isDirectory() });
      if (first.length >= 2 * limit) shorten();
    }
  } catch (cause) {
    // One below may have gone away meanwhile, or be somebody else's.
    if (!isRoot) return [];
    const { code } = cause as NodeJS.ErrnoException;
    throw new FramescribeError('SOURCE_UNREADABLE', `Expected a folder that can be read, got ${code}: ${folder}`, {
      cause,
    });
  }
  shorten();
  return first;
}

function isListed(entry: Dirent): boolean {
  return !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory());
}
