import { setTimeout as sleep } from 'node:timers/promises';
import { FramescribeError } from '../domain/errors.ts';
import type { Catalogue } from '../queue/catalogue.ts';
import type { Lease } from '../queue/lease.ts';
import { LEASE_MS, type RunBoard } from '../queue/run-board.ts';
import { tripped } from './breaker.ts';
import type { CandidateTools } from './candidates.ts';
import { chooser } from './choose.ts';
import { capAt } from './hours.ts';
import { outcomesOf } from './outcomes.ts';
import type { RunRecord } from './run-record.ts';
import { type Item, type RunState, settle } from './run-state.ts';

export interface DriveTools extends CandidateTools {
  readonly catalogue: Catalogue;
  readonly board: RunBoard;
  readonly record: RunRecord;
  readonly lease: Lease;
  readonly nowMs: () => number;
  /** Stops it where it is: to be resumed. */
  readonly signal: AbortSignal;
  /** Hears of every step. */
  readonly onState: (state: RunState) => void;
  /** Hears of what keeps it from going on for a while. */
  readonly onTrouble: (error: FramescribeError) => void;
  /** Writes the report of a run that is about to end like this. */
  readonly report: (ending: RunState) => Promise<void>;
  /** Videos that the filters let through, counted meanwhile; null as long as that isn't known. */
  readonly total: () => number | null;
}

const TICK_MS = 500;
const MOST_TICK_MS = 5_000;
const SAVE_EVERY_MS = 10_000;
const TROUBLE_MS = 1_000;
const MOST_TROUBLE_MS = 30_000;
/** A worker hears of a cancellation within seconds. */
const CANCELLED_WITHIN_MS = 20_000;

/**
 * Drives a run that this process has claimed, until it has ended, is paused or cancelled, or the signal aborts. What is
 * chosen is written down before it is submitted, so whoever goes on after a crash submits nothing twice. Outages of Redis
 * and of the store are waited for.
 *
 * @throws {FramescribeError} RUN_BUSY: somebody else has taken the run over.
 */
export async function drive(claimed: RunState, tools: DriveTools): Promise<RunState> {
  const { catalogue, board, record, lease, nowMs, signal, onState, onTrouble } = tools;
  const { spec, name } = claimed;
  const choice = chooser(tools);
  let state = claimed;
  let savedMs = nowMs();
  let isLost = false;
  const renewal = setInterval(async () => {
    // While Redis is away, what the store says counts.
    isLost ||= !(await lease.renew().catch(() => true));
  }, LEASE_MS / 3);

  const become = (next: RunState) => {
    state = next;
    onState(state);
  };
  /** Writes a state down, and only then takes it for its own. */
  const save = async (next: RunState) => {
    if (isLost)
      throw new FramescribeError('RUN_BUSY', `Expected to drive ${name}, but another process has taken it over`);
    become(await record.save({ ...next, total: next.total ?? tools.total() }));
    savedMs = nowMs();
  };
  const queued = () => state.items.filter(({ isHeld }) => !isHeld);
  const look = async () => become(settle(state, await outcomesOf(state.items, spec, tools)));

  /** Tells whether there is more to be looked for at once. */
  const submit = async (): Promise<boolean> => {
    await using turn = await board.turn();
    if (turn === null) return false;
    const {
      state: next,
      chosen,
      isCut,
    } = await choice.choose(state, await roomFor(queued(), spec, catalogue, nowMs()));
    become(next);
    if (chosen.length > 0 || nowMs() - savedMs > SAVE_EVERY_MS) await save(state);
    await catalogue.submit(chosen.map((item) => requestOf(item, spec.options)));
    return isCut;
  };

  const pause = async (reason: RunState['reason']) => {
    await catalogue.withdraw(queued().map(({ id }) => id));
    // What a look fails on may be what it's paused for.
    await look().catch(() => {});
    await save({ ...state, status: 'paused', reason });
  };

  /** The report first: should this be cut short, whoever resumes it writes it again. */
  const end = async (ending: RunState) => {
    await tools.report(ending);
    await save(ending);
  };

  const cancel = async () => {
    const startMs = nowMs();
    await catalogue.cancel(queued().map(({ id }) => id));
    for (await look(); queued().length > 0 && nowMs() - startMs < CANCELLED_WITHIN_MS; await look())
      await sleep(TICK_MS);
    const endedMs = nowMs();
    await end({ ...settle(state, cancelled(state.items, endedMs)), status: 'cancelled', endedMs });
  };

  /** Tells how long to wait before the next one. */
  const tick = async (): Promise<number> => {
    const startMs = nowMs();
    const asked = await board.asked(name);
    await look();
    const pauseMs = Math.min(MOST_TICK_MS, Math.max(TICK_MS, 3 * (nowMs() - startMs)));
    const reason = tripped(state);
    if (asked === 'cancel') await cancel();
    else if (asked === 'pause') await pause(null);
    else if (reason) await pause(reason);
    else if (await submit()) return 0;
    else if (state.isListed && state.items.length === 0 && !tripped(state)) {
      await end({ ...state, status: 'ended', endedMs: nowMs() });
    }
    return pauseMs;
  };

  let troubleMs = TROUBLE_MS;
  /** What passes is waited for; anything else pauses the run. */
  const bear = async (error: FramescribeError): Promise<number> => {
    if (error.code === 'RUN_BUSY') throw error;
    await choice.forget();
    if (error.kind.retryable) {
      onTrouble(error);
      troubleMs = Math.min(2 * troubleMs, MOST_TROUBLE_MS);
      return troubleMs / 2;
    }
    await pause({ code: error.code, message: `${error.message} ${error.kind.advice}` });
    return 0;
  };

  try {
    while (state.status === 'running' && !signal.aborted) {
      const waitMs = await tick().then(
        (ms) => {
          troubleMs = TROUBLE_MS;
          return ms;
        },
        (cause) => bear(FramescribeError.from(cause)),
      );
      if (state.status === 'running') await sleep(waitMs, undefined, { signal }).catch(() => {});
    }
    if (state.status === 'running') await save(state);
    return state;
  } finally {
    clearInterval(renewal);
    await choice.forget();
  }
}

/** How many videos may be submitted now. Where there are too many for this hour, those that wait leave the queue. */
async function roomFor(
  queued: readonly Item[],
  { limits }: RunState['spec'],
  catalogue: Catalogue,
  nowMs: number,
): Promise<number> {
  const cap = capAt(new Date(nowMs).getHours(), limits.concurrency);
  if (queued.length > cap) {
    await catalogue.withdraw(queued.slice(cap).map(({ id }) => id));
    return 0;
  }
  const waiting = await catalogue.waiting();
  // In batches, as each of them is written down first.
  const isLow = waiting <= limits.waiting * 0.75;
  return isLow ? Math.min(limits.waiting - waiting, cap - queued.length) : 0;
}

function requestOf({ source, version, labels, chosenMs }: Item, options: RunState['spec']['options']) {
  return { source, labels, options, chosenMs, ...(version !== '' && { version }) };
}

function cancelled(items: readonly Item[], endedMs: number) {
  const message = 'The run was cancelled.';
  return items.map(({ id }) => ({ id, endedMs, kind: 'failed', code: 'CANCELLED', message }) as const);
}
