import { FramescribeError } from '../domain/errors.ts';
import { result as resultSchema } from '../domain/result.ts';
import { MANIFEST_FILE } from '../storage/manifest.ts';
import type { Store } from '../storage/store.ts';
import { resultName } from './source.ts';

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
    const parsed = resultSchema.safeParse(JSON.parse(String(await store.read(name, 'result.json'))));
    return parsed.success && parsed.data.video.sha256 === sha256;
  } catch (error) {
    // What can't be read now, for whatever reason but these, may well be this video's result.
    if (error instanceof SyntaxError || FramescribeError.from(error).code === 'RESULT_NOT_FOUND') return false;
    throw error;
  }
}
