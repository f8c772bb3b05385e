import { FramescribeError } from '../domain/errors.ts';
import { result as resultSchema } from '../domain/result.ts';
import { documentOf, type SearchDocument } from '../search/document.ts';
import type { SearchIndex } from '../search/search-index.ts';
import type { Store } from '../storage/store.ts';

export interface IndexUpdate {
  /** Results that are new or have changed. */
  readonly put: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Names of results that can't be read: damaged, or of a later version. */
  readonly unreadable: readonly string[];
}

export interface UpdateOptions {
  readonly signal: AbortSignal;
  /** After each few hundred results: how many were looked at. */
  readonly onProgress?: (looked: number) => void;
}

const ASKED_AT_ONCE = 16;
const PUT_AT_ONCE = 256;

/**
 * Brings an index to what a store holds: reads what is new or changed, forgets what is gone. What was read stays when
 * it is stopped.
 *
 * @throws {FramescribeError} STORE_…, CANCELLED
 */
export async function updateIndex(store: Store, index: SearchIndex, options: UpdateOptions): Promise<IndexUpdate> {
  const known = index.revisions();
  const gone = new Set(known.keys());
  const unreadable: string[] = [];
  let unchanged = 0;
  let put = 0;
  for await (const names of batchesOf(store.names(), PUT_AT_ONCE)) {
    const documents: SearchDocument[] = [];
    await eachOf(names, async (name) => {
      options.signal.throwIfAborted();
      const revision = await store.revision(name);
      if (revision === null) return;
      gone.delete(name);
      if (known.get(name) === revision) unchanged++;
      else
        await readDocument(store, name, revision).then(
          (document) => documents.push(document),
          (error) => unreadable.push(nameOrThrow(name, error)),
        );
    });
    index.put(documents);
    put += documents.length;
    options.onProgress?.(put + unchanged + unreadable.length);
  }
  index.remove([...gone]);
  return { put, removed: gone.size, unchanged, unreadable };
}

async function readDocument(store: Store, name: string, revision: string): Promise<SearchDocument> {
  const bytes = await store.read(name, 'result.json');
  const parsed = resultSchema.safeParse(parseJson(String(bytes)));
  if (parsed.success) return documentOf(name, revision, parsed.data);
  throw new FramescribeError('RESULT_INVALID', `Expected a result, but ${parsed.error.issues[0]?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** One bad result doesn't stop the others; a store that is away does. */
function nameOrThrow(name: string, error: unknown): string {
  const { code } = FramescribeError.from(error);
  if (code === 'RESULT_INVALID' || code === 'RESULT_NOT_FOUND') return name;
  throw error;
}

async function* batchesOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const take = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, take));
}
