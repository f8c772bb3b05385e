import { MANIFEST_FILE } from '../storage/manifest.ts';
import type { Store } from '../storage/store.ts';
import { resultName } from './source.ts';
import { isAboutOneResult, readResult } from './stored-results.ts';

/**
 * The name under which a source's result goes: its own name, or that with a number where another video's result, or
 * anything else, is already there. The same video replaces its older result.
 *
 * @param taken names already used in this run.
 */
export async function placeFor(source: string, sha256: string, store: Store, taken: Set<string>): Promise<string> {
  const base = resultName(source);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (taken.has(name) || !(await isFreeFor(name, sha256, store))) continue;
    taken.add(name);
    return name;
  }
}

async function isFreeFor(name: string, sha256: string, store: Store): Promise<boolean> {
  const files = await store.list(name);
  if (files.length === 0) return true;
  if (!files.includes(MANIFEST_FILE)) return false;
  try {
    return (await readResult(store, name)).video.sha256 === sha256;
  } catch (error) {
    // What can't be read now, for whatever reason but these, may well be this video's result.
    if (isAboutOneResult(error)) return false;
    throw error;
  }
}
