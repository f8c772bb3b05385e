import { z } from 'zod';
import type { ErrorCode } from '../domain/errors.ts';
import type { Candidate, Video } from './candidates.ts';
import { addEnds, pulse } from './pulse.ts';
import { runSpec } from './run-spec.ts';
import type { Cost } from './standing.ts';

const count = z.int().min(0);
const text = z.record(z.string(), z.string());

/** A video on its way. */
const item = z.strictObject({
  id: z.string(),
  source: z.string(),
  version: z.string(),
  labels: text,
  bytes: z.number(),
  /** When it was chosen, in milliseconds since 1970. */
  chosenMs: z.number(),
  /** It isn't in the queue: withdrawn, or lost with Redis. */
  isHeld: z.boolean(),
});
export type Item = Readonly<z.infer<typeof item>>;

/** A line of the list of failures, which is a list of sources too. */
export const failedVideo = z.strictObject({ source: z.string(), labels: text, code: z.string(), message: z.string() });
export type FailedVideo = Readonly<z.infer<typeof failedVideo>>;

/**
 * All that a run knows, small however many videos it is about. At any moment, of all that was listed, each is left out,
 * completed, failed or an item.
 */
export const runState = z.strictObject({
  schema: z.literal('framescribe/backfill@1'),
  name: z.string(),
  spec: runSpec,
  /** `running` with nobody who drives it was interrupted. */
  status: z.enum(['running', 'paused', 'cancelled', 'ended']),
  /** Why it's paused. */
  reason: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  /** Of the process that may write this. */
  driver: z.string(),
  startedMs: z.number(),
  /** Since when this process has driven it. */
  resumedMs: z.number(),
  endedMs: z.number().nullable(),
  /** Of the last entry that was taken from the listing. */
  position: z.string().nullable(),
  isListed: z.boolean(),
  /** Videos that the filters let through, once they have been counted. */
  total: count.nullable(),
  listed: count,
  leftOut: z.strictObject({ name: count, age: count, size: count, present: count, twice: count }),
  completed: count,
  failed: z.record(z.string(), count),
  /** Of those completed: length, processor time, bytes of the sources. */
  videoMs: z.number(),
  cpuMs: z.number(),
  bytes: z.number(),
  /** Failures with the same code since the last success. */
  streak: z.strictObject({ code: z.string(), count, message: z.string() }).nullable(),
  pulse,
  items: z.array(item),
  /** Those that no part of the list of failures holds yet. */
  failures: z.array(failedVideo),
  failureParts: count,
});
export type RunState = Readonly<z.infer<typeof runState>>;

/** What has become of an item. `lost`: there is neither a job nor a result. */
export type Outcome = { readonly id: string; readonly endedMs: number } & (
  | { readonly kind: 'completed'; readonly cost: Cost | null }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'lost' }
);

/** Takes what was found next in the listing. A video that is on its way already isn't taken twice. */
export function take(state: RunState, candidates: readonly Candidate[], nowMs: number): RunState {
  const known = new Set(state.items.map(({ id }) => id));
  const leftOut = { ...state.leftOut };
  const items = [...state.items];
  let next: RunState = state;
  for (const candidate of candidates) {
    if (candidate.kind === 'left-out') leftOut[candidate.why]++;
    else if (candidate.kind === 'refused') next = fail(next, { labels: {}, ...candidate });
    else if (known.has(candidate.video.id)) leftOut.twice++;
    else {
      known.add(candidate.video.id);
      items.push({ ...copyOf(candidate.video), chosenMs: nowMs, isHeld: false });
    }
  }
  const position = candidates.at(-1)?.position ?? state.position;
  return { ...next, position, listed: state.listed + candidates.length, leftOut, items };
}

/** Counts what has ended, in the order in which it did; what was lost is held. */
export function settle(state: RunState, outcomes: readonly Outcome[]): RunState {
  if (outcomes.length === 0) return state;
  const byId = new Map(state.items.map((one) => [one.id, one]));
  let next = state;
  for (const outcome of outcomes.toSorted((a, b) => a.endedMs - b.endedMs)) {
    const one = byId.get(outcome.id);
    if (one === undefined) continue;
    if (outcome.kind === 'lost') byId.set(one.id, { ...one, isHeld: true });
    else {
      byId.delete(one.id);
      next = outcome.kind === 'completed' ? complete(next, one, outcome.cost) : fail(next, { ...one, ...outcome });
      next = { ...next, pulse: addEnds(next.pulse, outcome.endedMs) };
    }
  }
  return { ...next, items: [...byId.values()] };
}

/** How many have failed, of whatever. */
export function failedCount({ failed }: Pick<RunState, 'failed'>): number {
  return Object.values(failed).reduce((sum, number) => sum + number, 0);
}

function complete(state: RunState, { bytes }: Item, cost: Cost | null): RunState {
  return {
    ...state,
    completed: state.completed + 1,
    videoMs: state.videoMs + (cost?.videoMs ?? 0),
    cpuMs: state.cpuMs + (cost?.cpuMs ?? 0),
    bytes: state.bytes + bytes,
    streak: null,
  };
}

function fail(state: RunState, failure: Omit<FailedVideo, 'code'> & { readonly code: ErrorCode }): RunState {
  const { source, labels, code, message } = failure;
  const count = state.streak?.code === code ? state.streak.count + 1 : 1;
  return {
    ...state,
    failed: { ...state.failed, [code]: (state.failed[code] ?? 0) + 1 },
    streak: { code, count, message },
    failures: [...state.failures, { source, labels, code, message }],
  };
}

function copyOf({ id, source, version, labels, bytes }: Video): Omit<Item, 'chosenMs' | 'isHeld'> {
  return { id, source, version, labels: { ...labels }, bytes };
}
