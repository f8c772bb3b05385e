import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { openCatalogue } from '../queue/catalogue.ts';
import { redisUrl } from '../queue/redis.ts';
import { openRunBoard, type RunRequest } from '../queue/run-board.ts';
import { openStore } from '../storage/open-store.ts';
import { driveRun, firstState, isOver, sameRun, type Watcher, withLease } from './drive-run.ts';
import { makeSpec, type RunChoices } from './make-spec.ts';
import { checkRunName, runNames } from './run-place.ts';
import { openRunRecord } from './run-record.ts';
import type { FailedVideo, RunState } from './run-state.ts';
import { type RunView, viewOf } from './view.ts';

/**
 * Runs over whole back catalogues, for whoever has the queue and the store of the workers.
 *
 * Whatever is driven goes on until it has ended, is paused or cancelled, or its watcher's signal aborts; in the last case it
 * may be resumed, by any machine.
 */
export interface Backfills extends AsyncDisposable {
  /**
   * Starts a run and drives it. The same call again, after a crash, goes on with it.
   *
   * @param source `s3://bucket/prefix`, a folder, or a list file.
   * @throws {FramescribeError} USAGE: there is another run of that name. SOURCE_NOT_FOUND, LIST_INVALID, RUN_BUSY, …
   */
  start(source: string, name: string, choices: RunChoices, watcher: Watcher): Promise<RunView>;
  /** Goes on with a run that is paused or was interrupted, and drives it. One that is over stays as it is. */
  resume(name: string, watcher: Watcher): Promise<RunView>;
  /**
   * `pause`: nothing more is submitted, what waits leaves the queue, and workers finish what they have at hand. `cancel`:
   * the run ends for good, with the videos that workers have at hand.
   */
  tell(name: string, request: RunRequest, watcher: Watcher): Promise<RunView>;
  /** @throws {FramescribeError} RUN_NOT_FOUND */
  show(name: string): Promise<RunView>;
  list(): Promise<readonly RunView[]>;
  /** What has failed so far, each line of which names a source. */
  failures(name: string): AsyncIterable<FailedVideo>;
  /**
   * The report of a run that is over, as Markdown, and where it lies beside `report.json`, as a person names it.
   *
   * @throws {FramescribeError} RUN_NOT_FOUND: there is none, or it isn't over.
   */
  report(name: string): Promise<{ readonly page: string; readonly place: string }>;
}

const DONE: Readonly<Record<RunRequest, RunState['status']>> = { pause: 'paused', cancel: 'cancelled' };

/** @throws {FramescribeError} CONFIG_INVALID, USAGE */
export async function openBackfills(config: Config): Promise<Backfills> {
  const { store: place, prefix, answerMs, keepCompleted, keepFailed } = config.queue;
  const redis = redisUrl(config.queue);
  const store = await openStore(place, config.storage);
  const board = openRunBoard(redis, prefix, answerMs);
  const catalogue = openCatalogue({ redis, prefix, answerMs, keepCompleted, keepFailed });
  const house = { config, store, board, catalogue };
  const recordOf = (name: string) => openRunRecord(place, name, config.storage);
  const view = (state: RunState, driver: string | null) =>
    viewOf(state, driver, config.observe.pricePerCpuHour, Date.now());
  const show = async (name: string) => {
    // The store knows all that counts, also where Redis is away or has forgotten.
    const driver = await board.driver(name).catch(() => null);
    const posted = driver === null ? null : await board.read(name).catch(() => null);
    return posted === null ? view(await (await recordOf(name)).load(), driver) : (JSON.parse(posted) as RunView);
  };
  return {
    show,
    start: async (source, name, choices, watcher) => {
      checkRunName(name);
      await store.check();
      const spec = await makeSpec(source, choices, config);
      return withLease(name, board, watcher.signal, async (lease) => {
        const record = await recordOf(name);
        const before = await record.find();
        const state = before === null ? await firstState(name, spec, record, config) : sameRun(before, spec);
        return driveRun(state, before, { ...house, record, lease, watcher });
      });
    },
    resume: async (name, watcher) => {
      const record = await recordOf(name);
      await record.load();
      await board.ask(name, null);
      return withLease(name, board, watcher.signal, async (lease) => {
        const state = await record.load();
        return driveRun(state, state, { ...house, record, lease, watcher });
      });
    },
    tell: async (name, request, watcher) => {
      const record = await recordOf(name);
      await record.load();
      await board.ask(name, request);
      // Whoever drives it does so and lets go of it; where nobody does, this process takes its place for that.
      return withLease(name, board, watcher.signal, async (lease) => {
        const state = await record.load();
        if (!isOver(state) && state.status !== DONE[request]) {
          return driveRun(state, state, { ...house, record, lease, watcher });
        }
        await board.ask(name, null);
        return view(state, null);
      });
    },
    list: async () => {
      const views: RunView[] = [];
      for (const name of await runNames(place, config.storage)) views.push(await show(name));
      return views;
    },
    failures: async function* (name) {
      const record = await recordOf(name);
      yield* record.failures(await record.load());
    },
    report: async (name) => {
      const { place: runPlace } = await recordOf(name);
      const page = await runPlace.read('report', 'report.md');
      if (page !== null) return { page: String(page), place: runPlace.locate('report') };
      throw new FramescribeError('RUN_NOT_FOUND', `Expected a run ${name} that is over, got none`);
    },
    [Symbol.asyncDispose]: async () => {
      await board[Symbol.asyncDispose]();
      await catalogue[Symbol.asyncDispose]();
    },
  };
}
