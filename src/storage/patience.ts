import { setTimeout as wait } from 'node:timers/promises';
import { FramescribeError } from '../domain/errors.ts';
import type { Store } from './store.ts';

/** How long a store that is away is waited for. */
export interface Patience {
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** Hears once of each time that it is away. */
  readonly onAway: (reason: string) => void;
}

const AWAY = ['STORE_UNREACHABLE', 'STORE_TIMEOUT'];
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [500, 10_000];

/**
 * Does some work with a store, and does it again for as long as that is away: what was computed for it isn't thrown away
 * over an outage.
 *
 * @param isAway what counts as away; by default a store that isn't reached or doesn't answer.
 * @throws {FramescribeError} CANCELLED; what the work throws for another reason, or still after `patienceMs`.
 */
export async function outlast<T>(
  work: () => Promise<T>,
  { patienceMs, signal, onAway }: Patience,
  isAway = ({ code }: FramescribeError) => AWAY.includes(code),
): Promise<T> {
  const start = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      const known = FramescribeError.from(error);
      if (signal.aborted || !isAway(known) || performance.now() - start > patienceMs) throw error;
      if (pauseMs === FIRST_PAUSE_MS) onAway(known.message);
      await wait(pauseMs * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
}

/** A store whose readers wait while it's away. Writers repeat all of a publication: see {@link outlast}. */
export function patientStore(store: Store, patience: Patience): Store {
  return {
    ...store,
    revision: (name) => outlast(() => store.revision(name), patience),
    read: (name, file, version) => outlast(() => store.read(name, file, version), patience),
    version: (name) => outlast(() => store.version(name), patience),
    list: (name) => outlast(() => store.list(name), patience),
  };
}
