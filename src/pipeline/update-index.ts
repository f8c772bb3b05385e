import { documentOf, type SearchDocument } from '../search/document.ts';
import type { LastUpdate, SearchIndex } from '../search/search-index.ts';
import type { Revision, Store } from '../storage/store.ts';
import { eachResult, isAboutOneResult, readResult, readRun } from './stored-results.ts';

export interface IndexUpdate {
  /** Results that are new or have changed. */
  readonly put: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Names of results that can't be read: damaged, or of a later version. */
  readonly unreadable: readonly string[];
}

/**
 * What is to be searched of a result in a store.
 *
 * @throws {FramescribeError} RESULT_NOT_FOUND, RESULT_INVALID or STORE_…
 */
export async function readDocument(store: Store, name: string, revision: Revision): Promise<SearchDocument> {
  const [result, run] = await Promise.all([readResult(store, name), readRun(store, name)]);
  return documentOf(name, revision, result, run);
}

/** Small stores are looked at each time. */
const SHORT_MS = 2_000;
const SHARE = 10;

/** Whether an index is so old that it's worth a look at the store: what takes long is done less often. */
export function isDue(last: LastUpdate | null, nowMs: number): boolean {
  return last === null || last.tookMs < SHORT_MS || nowMs - last.startedMs > SHARE * last.tookMs;
}

const PUT_AT_ONCE = 256;

/**
 * Brings an index to what a store holds: reads what is new or changed, forgets what is gone. What was read stays when
 * it is stopped.
 *
 * @throws {FramescribeError} STORE_…, CANCELLED
 */
export async function updateIndex(store: Store, index: SearchIndex, signal: AbortSignal): Promise<IndexUpdate> {
  const startedMs = Date.now();
  const known = index.revisions();
  const gone = new Set(known.keys());
  const unreadable: string[] = [];
  let waiting: SearchDocument[] = [];
  let unchanged = 0;
  let put = 0;
  const flush = () => {
    index.put(waiting);
    put += waiting.length;
    waiting = [];
  };
  await eachResult(store, async ({ name, revision }) => {
    signal.throwIfAborted();
    gone.delete(name);
    if (known.get(name) === revision) {
      unchanged++;
      return;
    }
    try {
      // Others are put while this one is read: what waits is another list then.
      const document = await readDocument(store, name, revision);
      waiting.push(document);
    } catch (error) {
      if (!isAboutOneResult(error)) throw error;
      unreadable.push(name);
    }
    if (waiting.length >= PUT_AT_ONCE) flush();
  }).finally(flush);
  index.remove([...gone]);
  index.noteUpdate({ startedMs, tookMs: Date.now() - startedMs });
  return { put, removed: gone.size, unchanged, unreadable };
}
