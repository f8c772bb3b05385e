import type { Correction, Edits } from '../domain/edits.ts';
import type { Result } from '../domain/result.ts';
import type { Hit, SearchOptions } from '../search/searcher.ts';
import { openStore } from '../storage/open-store.ts';
import type { Corrected } from './corrected.ts';
import { loadConfig } from './load-config.ts';
import { searchIndexFile } from './settings.ts';
import { readResult } from './stored-results.ts';
import type { IndexUpdate } from './update-index.ts';

/** What an application imports: `import { openResults } from 'framescribe/results'`. Loads no codec and no model. */
export type { Correction, Edits } from '../domain/edits.ts';
export { ERROR_KINDS, type ErrorCode, type ErrorKind, FramescribeError } from '../domain/errors.ts';
export type { Result } from '../domain/result.ts';
export type { Moment } from '../search/document.ts';
export type { Hit, SearchOptions } from '../search/searcher.ts';

export interface ResultsSettings {
  /** A folder or `s3://bucket/prefix`. */
  readonly store: string;
  /** Variables that win over the files of `config/`, such as `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** All results of a store. */
export interface Results extends AsyncDisposable {
  /** @throws {FramescribeError} RESULT_NOT_FOUND, RESULT_INVALID, STORE_… */
  read(name: string): Promise<Result>;
  /** Brings the index to what the store holds; a search alone looks at the index as it is. */
  update(): Promise<IndexUpdate>;
  /**
   * Videos that have all the words, with the moments in which they're seen, best first: as `framescribe search`.
   *
   * @throws {FramescribeError} USAGE, SEARCH_INDEX_UNUSABLE
   */
  search(words: string, options?: SearchOptions): Promise<readonly Hit[]>;
  /**
   * Corrects a result.
   *
   * @param by who says so.
   * @param expected the digest of the result that was looked at.
   * @throws {FramescribeError} EDITS_INVALID, EDIT_CONFLICT, RESULT_NOT_FOUND, RESULT_INVALID, STORE_…
   */
  edit(
    name: string,
    corrections: readonly Correction[] | Edits,
    who: { readonly by: string; readonly expected?: string },
  ): Promise<Corrected>;
  close(): Promise<void>;
}

/**
 * @example
 * await using results = await openResults({ store: 's3://my-bucket/videos', env: process.env });
 * await results.update();
 * for (const { name, moments } of await results.search('dog beach', { labels: { series: 'news' } })) console.log(name, moments);
 * await results.edit('holiday', [{ keyframe: 'k0001', caption: 'A seal on the ice' }], { by: 'anna' });
 */
export async function openResults({ store: place, env = {}, signal }: ResultsSettings): Promise<Results> {
  const config = await loadConfig(env);
  const store = await openStore(place, config.storage);
  const { tags: vocabulary, tempDir } = config;
  const stop = new AbortController();
  const either = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  let opened: ReturnType<typeof open> | null = null;
  // Whoever only reads doesn't wait for SQLite, and whoever only searches not for what draws pictures.
  const open = async () => {
    const { openSearchIndex } = await import('../search/search-index.ts');
    return openSearchIndex(searchIndexFile(config, place));
  };
  const index = () => (opened ??= open());
  const close = async () => {
    stop.abort();
    (await opened?.catch(() => null))?.[Symbol.dispose]();
  };
  return {
    read: (name) => readResult(store, name),
    update: async () => {
      const { updateIndex } = await import('./update-index.ts');
      return updateIndex(store, await index(), either);
    },
    search: async (words, options) => (await index()).search(words, options),
    edit: async (name, corrections, { by, expected }) => {
      const { editResult } = await import('./edit-result.ts');
      const at = new Date().toISOString();
      return editResult(store, name, corrections, { by, at, expected, vocabulary, tempDir, signal: either });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
