import type { Config } from '../domain/config.ts';
import { openStore } from '../storage/open-store.ts';
import type { Store } from '../storage/store.ts';
import { jobOfCheckpoint } from './checkpoint.ts';

/** Below the results; a dot keeps it from being taken for one. */
const FOLDER = '.segments';

/** Where the segments of long videos wait to be joined, below the results of a store. */
export function checkpointStore(place: string, storage: Config['storage']): Promise<Store> {
  return openStore(`${place.replace(/\/+$/, '')}/${FOLDER}`, storage);
}

/**
 * The names of segments that nobody has asked for: none of theirs was written to for so long, and their job isn't under
 * way. A job that is tried again later makes them anew.
 *
 * @param isUnderWay tells of a job by its id; asked once for each.
 */
export async function* oldCheckpoints(
  store: Store,
  olderThanMs: number,
  isUnderWay: (job: string) => Promise<boolean>,
): AsyncGenerator<string> {
  const underWay = new Map<string, boolean>();
  for await (const name of store.names()) {
    const job = jobOfCheckpoint(name);
    const modifiedMs = job === null ? null : await store.modifiedMs(name);
    if (job === null || modifiedMs === null || Date.now() - modifiedMs < olderThanMs) continue;
    const isWanted = underWay.get(job) ?? (await isUnderWay(job));
    underWay.set(job, isWanted);
    if (!isWanted) yield name;
  }
}
