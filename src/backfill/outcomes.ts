import { FramescribeError } from '../domain/errors.ts';
import type { Catalogue, SeenJob } from '../queue/catalogue.ts';
import type { Store } from '../storage/store.ts';
import { atOnce } from './at-once.ts';
import type { RunSpec } from './run-spec.ts';
import type { Item, Outcome } from './run-state.ts';
import { costOf, isDescribed, nameOf } from './standing.ts';

const AT_ONCE = 16;

export interface OutcomeTools {
  readonly catalogue: Pick<Catalogue, 'look'>;
  readonly store: Store;
  readonly nowMs: () => number;
}

/** What has become of the items that are in the queue; those that wait or are under way have no outcome. */
export async function outcomesOf(
  items: readonly Item[],
  spec: RunSpec,
  tools: OutcomeTools,
): Promise<readonly Outcome[]> {
  const queued = items.filter(({ isHeld }) => !isHeld);
  const jobs = await tools.catalogue.look(queued.map(({ id }) => id));
  const ended = queued
    .map((item, index) => ({ item, job: jobs[index] ?? null }))
    .filter(({ job }) => job?.end !== null);
  return atOnce(ended, AT_ONCE, ({ item, job }) => outcomeOf(item, job, spec, tools));
}

async function outcomeOf(item: Item, job: SeenJob | null, spec: RunSpec, tools: OutcomeTools): Promise<Outcome> {
  const { id, chosenMs } = item;
  const end = job?.chosenMs === chosenMs ? job.end : null;
  if (end?.kind === 'completed') {
    const { name, place, durationMs } = end.result;
    await requireThere(item, spec, place, tools.store);
    const cost = await costOf(name, tools.store);
    return { id, endedMs: end.endedMs, kind: 'completed', cost: { cpuMs: cost?.cpuMs ?? 0, videoMs: durationMs } };
  }
  if (end?.kind === 'failed') {
    const { code, message } = end.failure;
    return { id, endedMs: end.endedMs, kind: 'failed', code, message };
  }
  // The queue has forgotten it, or remembers an older job of the same video: what stands in the store decides.
  const isOlderJob = job !== null;
  const endedMs = tools.nowMs();
  if ((isOlderJob && spec.mode === 'all') || !(await isDescribed(item, spec, tools.store))) {
    return { id, endedMs, kind: 'lost' };
  }
  return { id, endedMs, kind: 'completed', cost: await costOf(nameOf(item, spec), tools.store) };
}

/** Workers with another store, model or settings than this run's would describe everything in vain, again and again. */
async function requireThere(item: Item, spec: RunSpec, place: string, store: Store): Promise<void> {
  if (await isDescribed(item, spec, store)) return;
  const { name, version } = spec.model;
  const expected = `a result by ${name} ${version} with this machine's settings at ${store.locate(nameOf(item, spec))}`;
  throw new FramescribeError('CONFIG_INVALID', `Expected ${expected}, but a worker has put another one at ${place}`);
}
