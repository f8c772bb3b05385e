import type { Config } from '../domain/config.ts';
import { openResult, openStore, type StoredResult } from '../storage/open-store.ts';

/** The results at these places; where none is named, whatever has a name in a store (that of the queue by default). */
export async function* chosenResults(
  places: readonly string[],
  storePlace: string | undefined,
  { storage, queue }: Config,
): AsyncGenerator<StoredResult> {
  for (const place of places) yield await openResult(place, storage);
  if (places.length > 0) return;
  const store = await openStore(storePlace ?? queue.store, storage);
  for await (const name of store.names()) yield { store, name };
}
