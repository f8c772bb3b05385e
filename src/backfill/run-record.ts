import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { jsonLines, openRunPlace, parseLines, type RunPlace } from './run-place.ts';
import { type FailedVideo, failedVideo, type RunState, runState } from './run-state.ts';

const [STATE, STATE_FILE, PART_FILE] = ['state', 'state.json', 'failures.jsonl'];
/** Failures that a state carries before they go into a part of their own. */
const MOST_CARRIED = 500;

/** A run as the store keeps it. Whoever writes it has to be its driver: another one's state stays. */
export interface RunRecord {
  readonly place: RunPlace;
  /** @throws {FramescribeError} RUN_NOT_FOUND */
  load(): Promise<RunState>;
  /** Null where there is none. */
  find(): Promise<RunState | null>;
  /**
   * Writes the first state of a run, or takes it over.
   *
   * @param before what it was; null where there must be none.
   * @throws {FramescribeError} RUN_BUSY: somebody else was faster.
   */
  claim(state: RunState, before: RunState | null): Promise<void>;
  /**
   * Writes the state, and returns it as it was written.
   *
   * @throws {FramescribeError} RUN_BUSY: another process has taken it over.
   */
  save(state: RunState): Promise<RunState>;
  /** All failures so far, in their order. */
  failures(state: RunState): AsyncIterable<FailedVideo>;
}

export async function openRunRecord(store: string, name: string, settings: Config['storage']): Promise<RunRecord> {
  const place = await openRunPlace(store, name, settings);
  const read = async () => {
    const bytes = await place.read(STATE, STATE_FILE);
    return bytes === null ? null : runState.parse(JSON.parse(String(bytes)));
  };
  const write = async (state: RunState, driver: string | null) => {
    const revision = await place.revision(STATE);
    const standing = await read();
    if ((standing?.driver ?? null) !== driver) throw busy(name);
    await place.write(STATE, { [STATE_FILE]: JSON.stringify(state) }, revision).catch((error) => {
      throw FramescribeError.from(error).code === 'RESULT_CONFLICT' ? busy(name) : error;
    });
  };
  return {
    place,
    find: read,
    load: async () => {
      const state = await read();
      if (state !== null) return state;
      throw new FramescribeError('RUN_NOT_FOUND', `Expected a run ${name} in ${store}, found none`);
    },
    claim: (state, before) => write(state, before?.driver ?? null),
    save: async (state) => {
      let next = state;
      if (state.failures.length >= MOST_CARRIED) {
        const part = state.failureParts + 1;
        await place.write(partName(part), { [PART_FILE]: jsonLines(state.failures) });
        next = { ...state, failures: [], failureParts: part };
      }
      await write(next, next.driver);
      return next;
    },
    failures: async function* (state) {
      for (let part = 1; part <= state.failureParts; part++) {
        const bytes = await place.read(partName(part), PART_FILE);
        if (bytes !== null) yield* parseLines(bytes, failedVideo);
      }
      yield* state.failures;
    },
  };
}

function partName(part: number): string {
  return `failures-${String(part).padStart(6, '0')}`;
}

function busy(name: string): FramescribeError {
  return new FramescribeError('RUN_BUSY', `Expected to drive ${name}, but another process has taken it over`);
}
