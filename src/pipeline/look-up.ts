import { UNTOLD } from '../storage/manifest.ts';
import type { Store } from '../storage/store.ts';
import { isAboutOneResult, readResult } from './stored-results.ts';
import { type MadeWith, versionIdOf } from './version-id.ts';

/** `there`: by this model and options; `other`: by others, or one that can't be read; `none`: nothing. */
export type Lookup = 'there' | 'other' | 'none';

/**
 * Whether a video has a result by a model and options. Asks the store once, but for results of before there were versions,
 * which are read.
 *
 * @param name of the result; of a submitted video `resultNameOf` tells it.
 * @throws {FramescribeError} STORE_…
 */
export async function lookUp(store: Store, name: string, made: MadeWith): Promise<Lookup> {
  const wanted = versionIdOf(made);
  const version = await store.version(name);
  if (version === null) return 'none';
  if (version !== UNTOLD) return version === wanted ? 'there' : 'other';
  const result = await readResult(store, name).catch((error) => {
    if (isAboutOneResult(error)) return null;
    throw error;
  });
  return result && versionIdOf(result) === wanted ? 'there' : 'other';
}
