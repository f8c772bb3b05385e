import { setTimeout as sleep } from 'node:timers/promises';
import { FramescribeError } from '../../domain/errors.ts';
import type { Log } from '../../observe/log.ts';
import { isAboutOneResult } from '../../pipeline/stored-results.ts';
import { readDocument, updateIndex } from '../../pipeline/update-index.ts';
import type { Change, Feed } from '../../queue/feed.ts';
import type { JobProgress } from '../../queue/jobs.ts';
import type { PreviewReader } from '../../queue/previews.ts';
import type { Producer } from '../../queue/producer.ts';
import type { Roster } from '../../queue/roster.ts';
import type { JobStatus } from '../../queue/status.ts';
import type { Store } from '../../storage/store.ts';
import type { Library } from './library.ts';

/** What happened since the last news. */
export interface News {
  /** Whoever has heard everything up to here lacks nothing; null where the queue wasn't asked. */
  readonly eventId: string | null;
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly edited: readonly string[];
  /** More has changed than can be told one by one. */
  readonly reset: boolean;
}

/** Keeps a library as the queue and the store are. */
export interface Follower extends AsyncDisposable {
  listen(tell: (news: News) => void): () => void;
  /** The newest of a video at work. */
  progressOf(id: string): JobProgress | null;
  /** Whether a video at work has a picture to show already. */
  hasPreview(id: string): boolean;
  /** Reads again how a job stands, before its event comes. */
  refresh(job: JobStatus): Promise<void>;
  /** Reads again how a video and its result are. */
  reread(id: string): Promise<void>;
  /** Compares everything with the queue and the store. */
  sync(): Promise<void>;
}

export interface FollowSettings {
  readonly library: Library;
  readonly feed: Feed;
  readonly producer: Producer;
  readonly roster: Roster;
  readonly previews: PreviewReader;
  readonly store: Store;
  readonly syncMs: number;
  readonly listedJobs: number;
  readonly log: Log;
}

/** Changes are gathered for this long: a video at work tells a good deal. */
const GATHER_MS = 250;
const AGAIN_MS = 1_000;
const ASKED_AT_ONCE = 16;
const NOTED_AT_ONCE = 100;

type Kinds = Set<Change['kind']>;

/** Begins to follow; the first comparison with queue and store is under way when it returns. */
export function follow({
  library,
  feed,
  producer,
  roster,
  previews,
  store,
  syncMs,
  listedJobs,
  log,
}: FollowSettings): Follower {
  const listeners = new Set<(news: News) => void>();
  const progress = new Map<string, JobProgress>();
  const pictured = new Set<string>();
  const stop = new AbortController();
  let pending = new Map<string, Kinds>();
  let lastEvent: string | null = null;
  let gathering: Promise<void> | null = null;
  const pause = (ms: number) => sleep(ms, undefined, { signal: stop.signal, ref: false }).catch(() => {});

  const tell = (news: Partial<News>) => {
    const whole: News = { eventId: null, changed: [], removed: [], edited: [], reset: false, ...news };
    for (const listener of listeners) listener(whole);
  };

  const off = feed.listen(({ eventId, id, kind, progress: newest }) => {
    lastEvent = eventId;
    if (newest) progress.set(id, newest);
    const kinds: Kinds = pending.get(id) ?? new Set();
    pending.set(id, kinds.add(kind));
    gathering ??= gather();
  });

  const gather = async () => {
    await pause(GATHER_MS);
    while (pending.size > 0 && !stop.signal.aborted) {
      const [batch, eventId] = [pending, lastEvent];
      pending = new Map();
      try {
        tell({ eventId, ...(await takeUp(batch)) });
        await pause(GATHER_MS);
      } catch (error) {
        // Nothing is told before it's known: what came meanwhile joins what couldn't be looked up.
        for (const [id, kinds] of batch) pending.set(id, new Set([...kinds, ...(pending.get(id) ?? [])]));
        const { code, message } = FramescribeError.from(error);
        log.warn({ event: 'follow', code }, `changes of the queue wait: ${message}`);
        await pause(AGAIN_MS);
      }
    }
    gathering = null;
  };

  const takeUp = async (batch: ReadonlyMap<string, Kinds>): Promise<Partial<News>> => {
    const [changed, removed, edited]: [string[], string[], string[]] = [[], [], []];
    const toAsk = [...batch].filter(([, kinds]) => kinds.size > 1 || !kinds.has('progress')).map(([id]) => id);
    for (let start = 0; start < toAsk.length; start += ASKED_AT_ONCE) {
      await Promise.all(toAsk.slice(start, start + ASKED_AT_ONCE).map((id) => lookUp(id)));
    }
    for (const id of batch.keys()) {
      const isNew = (progress.get(id)?.keyframes ?? 0) > 0 && !pictured.has(id);
      if (isNew && (await previews.isThere(id))) pictured.add(id);
    }
    for (const [id, kinds] of batch) {
      if (library.get(id) === null) removed.push(id);
      else if (kinds.has('edited')) edited.push(id);
      else changed.push(id);
    }
    return { changed, removed, edited };
  };

  const forgetProgress = (id: string) => {
    progress.delete(id);
    pictured.delete(id);
  };

  /** Brings one video to how its job and its result are. */
  const lookUp = async (id: string): Promise<void> => {
    const job = await producer.status(id).catch((error) => {
      if (FramescribeError.from(error).code === 'JOB_NOT_FOUND') return null;
      throw error;
    });
    if (job !== null) return note(job);
    forgetProgress(id);
    const name = library.get(id)?.result?.name;
    if (name === undefined) library.forget([id]);
    else await indexResult(name);
  };

  const note = async (job: JobStatus): Promise<void> => {
    if (job.endedMs !== null) forgetProgress(job.id);
    const name = job.result?.name;
    if (job.state === 'completed' && name !== undefined) await indexResult(name);
    library.note([job]);
  };

  const indexResult = async (name: string): Promise<void> => {
    const revision = await store.revision(name);
    if (revision === null) return library.remove([name]);
    try {
      library.put([await readDocument(store, name, revision)]);
    } catch (error) {
      if (!isAboutOneResult(error)) throw error;
      log.warn({ event: 'unreadable', name }, `a result can't be read: ${FramescribeError.from(error).message}`);
    }
  };

  const sync = async () => {
    const before = library.withoutResult();
    const seen = new Set<string>();
    let batch: JobStatus[] = [];
    for await (const job of roster.jobs(listedJobs)) {
      seen.add(job.id);
      batch.push(job);
      if (batch.length < NOTED_AT_ONCE) continue;
      library.note(batch);
      batch = [];
    }
    library.note(batch);
    const removed = library.forget([...before].filter((id) => !seen.has(id)));
    if (removed.length > 0) tell({ removed });
    const { put, removed: gone, unreadable } = await updateIndex(store, library, stop.signal);
    for (const name of unreadable) log.warn({ event: 'unreadable', name }, `a result can't be read: ${name}`);
    if (put + gone > 0) tell({ reset: true });
    log.info(
      { event: 'synced', jobs: seen.size, put, gone },
      `list: ${seen.size} jobs, ${put} results read, ${gone} gone`,
    );
  };

  const syncs = (async () => {
    while (!stop.signal.aborted) {
      await sync().catch((error) => {
        if (stop.signal.aborted) return;
        const { code, message } = FramescribeError.from(error);
        log.error({ event: 'sync', code }, `the list could not be compared with queue and store: ${message}`);
      });
      await pause(syncMs);
    }
  })();

  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    progressOf: (id) => progress.get(id) ?? null,
    hasPreview: (id) => pictured.has(id),
    refresh: note,
    reread: lookUp,
    sync,
    [Symbol.asyncDispose]: async () => {
      off();
      stop.abort(new FramescribeError('CANCELLED', 'The server stops.'));
      await Promise.all([syncs, gathering]);
    },
  };
}
