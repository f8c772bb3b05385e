import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Catalogue } from '../queue/catalogue.ts';
import type { Lease } from '../queue/lease.ts';
import { LEASE_MS, type RunBoard } from '../queue/run-board.ts';
import type { Store } from '../storage/store.ts';
import { drive } from './drive.ts';
import { keepList } from './kept-list.ts';
import { lookAtSources } from './look.ts';
import { countVideos, openListing, requireSomething } from './open-listing.ts';
import { reportOf, reportPage } from './report.ts';
import { jsonLines } from './run-place.ts';
import type { RunRecord } from './run-record.ts';
import type { RunSpec } from './run-spec.ts';
import type { FailedVideo, RunState } from './run-state.ts';
import { type RunView, viewOf } from './view.ts';

/** Who watches a run hears of every step. */
export interface Watcher {
  readonly signal: AbortSignal;
  readonly onView?: (view: RunView) => void;
  /** What keeps it from going on for a while, such as a Redis that is away. */
  readonly onTrouble?: (error: FramescribeError) => void;
}

export interface RunTools {
  readonly config: Config;
  readonly store: Store;
  readonly board: RunBoard;
  readonly catalogue: Catalogue;
  readonly record: RunRecord;
  readonly lease: Lease;
  readonly watcher: Watcher;
}

const POST_EVERY_MS = 1_000;
const AGAIN_MS = 300;
/** A driver that is told to pause or to cancel lets go of its run within this; one that has died has lost it by then. */
const PATIENCE_MS = 3 * LEASE_MS;

/** The state that a run begins with. */
export async function firstState(name: string, spec: RunSpec, record: RunRecord, config: Config): Promise<RunState> {
  // What a list names is below the folder in which somebody named the list.
  if (spec.kind === 'list') await keepList(spec.source, resolve('.'), record.place);
  await requireSomething(openListing(spec, record.place, config.storage), spec.source);
  const nowMs = Date.now();
  return {
    ...{ schema: 'framescribe/backfill@1', name, spec, status: 'running', reason: null, driver: '' },
    ...{ startedMs: nowMs, resumedMs: nowMs, endedMs: null, position: null, isListed: false, total: null, listed: 0 },
    leftOut: { name: 0, age: 0, size: 0, present: 0, twice: 0 },
    ...{ completed: 0, failed: {}, videoMs: 0, cpuMs: 0, bytes: 0, streak: null, pulse: [] },
    ...{ items: [], failures: [], failureParts: 0 },
  };
}

/**
 * A run that is there already, where the same is asked for again: after a crash, say.
 *
 * @throws {FramescribeError} USAGE: it's another run, or somebody has paused it, or it has ended.
 */
export function sameRun(state: RunState, spec: RunSpec): RunState {
  const told = (what: string) =>
    new FramescribeError('USAGE', `Expected a name that no run has: ${what}; choose another --name`);
  if (!isDeepStrictEqual(state.spec, spec))
    throw told(`${state.name} is about ${state.spec.source}, or has other choices`);
  if (state.status === 'running') return state;
  if (state.status !== 'paused')
    throw told(`${state.name} has ${state.status === 'ended' ? 'ended' : 'been cancelled'}`);
  throw told(`${state.name} is paused: \`framescribe backfill resume ${state.name}\``);
}

export function isOver({ status }: RunState): boolean {
  return status === 'ended' || status === 'cancelled';
}

/**
 * Does something as the only process that drives a run. Waits for another one that is about to let go of it, or that has
 * died.
 *
 * @throws {FramescribeError} RUN_BUSY
 */
export async function withLease<T>(
  name: string,
  board: RunBoard,
  signal: AbortSignal,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = await takeInTime(name, board, signal);
  try {
    return await work(lease);
  } finally {
    await lease.release().catch(() => {});
  }
}

async function takeInTime(name: string, board: RunBoard, signal: AbortSignal): Promise<Lease> {
  for (const startMs = Date.now(); ; await sleep(AGAIN_MS)) {
    signal.throwIfAborted();
    const lease = await board.take(name);
    if (lease !== null) return lease;
    if (Date.now() - startMs < PATIENCE_MS) continue;
    throw new FramescribeError('RUN_BUSY', `Expected to drive ${name}, but ${await board.driver(name)} does`);
  }
}

/** Drives a run from a state on. One that is over stays as it is. */
export async function driveRun(state: RunState, before: RunState | null, tools: RunTools): Promise<RunView> {
  const { config, store, board, catalogue, record, lease, watcher } = tools;
  const { pricePerCpuHour } = config.observe;
  const { name, spec } = state;
  const driver = await board.driver(name);
  const viewNow = (now: RunState) => viewOf(now, driver, pricePerCpuHour, Date.now());
  if (isOver(state)) return viewNow(state);
  const claimed: RunState = {
    ...state,
    ...{ driver: randomUUID(), status: 'running', reason: null, streak: null, resumedMs: Date.now() },
  };
  await record.claim(claimed, before);
  const listing = openListing(spec, record.place, config.storage);
  const stop = new AbortController();
  let total: number | null = state.total;
  if (total === null) {
    const signal = AbortSignal.any([stop.signal, watcher.signal]);
    // Whatever goes wrong there goes wrong in the run itself too, and is told.
    countVideos(listing, spec, signal).then(
      (count) => (total = count),
      () => {},
    );
  }
  let postedMs = 0;
  const post = (view: RunView) => board.post(name, JSON.stringify(view)).catch(() => {});
  try {
    const end = await drive(claimed, {
      ...{ listing, look: lookAtSources(config.storage), store, catalogue, board, record, lease },
      nowMs: Date.now,
      signal: watcher.signal,
      total: () => total,
      onTrouble: (error) => watcher.onTrouble?.(error),
      onState: (now) => {
        const view = viewNow({ ...now, total });
        watcher.onView?.(view);
        if (Date.now() - postedMs < POST_EVERY_MS) return;
        postedMs = Date.now();
        void post(view);
      },
      report: (ending) => writeReport(ending, viewNow(ending), record, pricePerCpuHour),
    });
    await board.ask(name, null).catch(() => {});
    const view = viewOf(end, null, pricePerCpuHour, Date.now());
    await post(view);
    return view;
  } finally {
    stop.abort();
  }
}

async function writeReport(
  state: RunState,
  view: RunView,
  { place, failures }: RunRecord,
  price: number,
): Promise<void> {
  const report = reportOf(state, view, price);
  const failed: FailedVideo[] = [];
  for await (const failure of failures(state)) failed.push(failure);
  await place.write('report', {
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.md': reportPage(report),
    'failures.jsonl': jsonLines(failed),
  });
}
