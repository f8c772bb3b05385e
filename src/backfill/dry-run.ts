import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../domain/config.ts';
import { temporaryFolder } from '../pipeline/temporary-folder.ts';
import { versionIdOf } from '../pipeline/version-id.ts';
import { withJobOptions } from '../queue/with-job-options.ts';
import { openStore } from '../storage/open-store.ts';
import type { Store } from '../storage/store.ts';
import { atOnce } from './at-once.ts';
import { candidates, type Video } from './candidates.ts';
import { type Estimate, type Estimated, estimate } from './estimate.ts';
import { keepList } from './kept-list.ts';
import { lookAtSources } from './look.ts';
import { lengthOf } from './look-into.ts';
import { makeSpec, type RunChoices } from './make-spec.ts';
import { measure } from './measure.ts';
import { openListing, requireSomething } from './open-listing.ts';
import { openRunPlace } from './run-place.ts';
import type { RunSpec } from './run-spec.ts';
import type { RunState } from './run-state.ts';
import { type Sample, sampleOf } from './sample.ts';
import { type Cost, costOf } from './standing.ts';

/** What a run would be about. */
export interface DryRun extends Estimate {
  readonly source: string;
  readonly mode: RunSpec['mode'];
  readonly model: string;
  readonly videos: number;
  readonly bytes: number;
  readonly leftOut: Omit<RunState['leftOut'], 'twice'>;
  /** What can't be looked at, or isn't an address, by code. */
  readonly refusedBy: Readonly<Record<string, number>>;
  /** Videos whose length was looked up, and those among them that can't be read as videos. */
  readonly looked: number;
  readonly unreadable: number;
  /** Where the costs come from: results that stand in the store, or videos that were described here. */
  readonly costsFrom: 'store' | 'here' | null;
  readonly measured: number;
  readonly cost: Estimated | null;
}

export interface DryRunOptions {
  /** Videos whose length is looked up. */
  readonly sample: number;
  /** Videos that are described here where the store has too few results to tell what one takes. */
  readonly measure: number;
  readonly signal: AbortSignal;
  /** Hears how many videos were seen so far. */
  readonly onSeen?: (videos: number) => void;
  readonly onMeasured?: (cost: Cost) => void;
  /** A generator of numbers from 0 to 1. */
  readonly random?: () => number;
}

const LOOKED_AT_ONCE = 4;
const [ENOUGH_RESULTS, MOST_RESULTS, MOST_NAMES] = [8, 60, 5_000];

/**
 * Goes through a source as a run would, submits nothing, and estimates what describing it would take.
 *
 * @throws {FramescribeError} as a run would
 */
export async function dryRun(
  source: string,
  choices: RunChoices,
  config: Config,
  options: DryRunOptions,
): Promise<DryRun> {
  const { signal, random = Math.random } = options;
  const spec = await makeSpec(source, choices, config);
  const store = await openStore(config.queue.store, config.storage);
  const folder = await temporaryFolder(config.tempDir);
  try {
    const seen = await survey(spec, store, config, folder, options, random);
    const looked = await atOnce(seen.sample.items, LOOKED_AT_ONCE, async ({ source: address, bytes }) => {
      const own = join(folder, randomUUID());
      await mkdir(own);
      const durationMs = await lengthOf(address, config, own, signal);
      await rm(own, { recursive: true, force: true });
      return { bytes, durationMs };
    });
    const stored = await costsInStore(spec, store, random);
    const isKnown = stored.length >= ENOUGH_RESULTS;
    const readable = seen.sample.items.filter((_, index) => looked[index]?.durationMs !== null);
    const some = readable.slice(0, options.measure).map((video) => video.source);
    const chosen = withJobOptions(config, spec.options);
    const costs = isKnown ? stored : await measure(some, chosen, signal, options.onMeasured);
    const estimated = estimate({ ...seen, looked, costs }, random);
    const { pricePerCpuHour: price } = config.observe;
    return {
      ...{ source: spec.source, mode: spec.mode, model: `${spec.model.name} ${spec.model.version}` },
      ...{ videos: seen.videos, bytes: seen.bytes, leftOut: seen.leftOut, refusedBy: seen.refusedBy },
      looked: looked.length,
      unreadable: looked.length - readable.length,
      costsFrom: costs.length === 0 ? null : isKnown ? 'store' : 'here',
      measured: costs.length,
      ...estimated,
      cost: estimated.cpuHours && price > 0 ? times(estimated.cpuHours, price) : null,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Seen {
  readonly videos: number;
  readonly bytes: number;
  readonly leftOut: DryRun['leftOut'];
  readonly refusedBy: Readonly<Record<string, number>>;
  readonly sample: Sample<Video>;
}

async function survey(
  spec: RunSpec,
  store: Store,
  config: Config,
  folder: string,
  { sample: size, signal, onSeen = () => {} }: DryRunOptions,
  random: () => number,
): Promise<Seen> {
  const place = await openRunPlace(folder, 'dry', config.storage);
  if (spec.kind === 'list') await keepList(spec.source, process.cwd(), place);
  const listing = openListing(spec, place, config.storage);
  await requireSomething(listing, spec.source);
  const leftOut = { name: 0, age: 0, size: 0, present: 0 };
  const refusedBy: Record<string, number> = {};
  const sample = sampleOf<Video>(size, random);
  let [videos, bytes] = [0, 0];
  for await (const group of candidates(spec, null, { listing, look: lookAtSources(config.storage), store })) {
    signal.throwIfAborted();
    for (const candidate of group) {
      if (candidate.kind === 'left-out') leftOut[candidate.why]++;
      else if (candidate.kind === 'refused') refusedBy[candidate.code] = (refusedBy[candidate.code] ?? 0) + 1;
      else {
        videos++;
        bytes += candidate.video.bytes;
        sample.add(candidate.video);
      }
    }
    onSeen(videos);
  }
  return { videos, bytes, leftOut, refusedBy, sample };
}

/** What results of the same model and choices took, some of those that the store has. */
async function costsInStore(spec: RunSpec, store: Store, random: () => number): Promise<readonly Cost[]> {
  const wanted = versionIdOf({ model: spec.model, options: spec.wanted });
  const names = sampleOf<string>(MOST_RESULTS, random);
  let count = 0;
  for await (const name of store.names()) {
    names.add(name);
    if (++count >= MOST_NAMES) break;
  }
  const costs = await atOnce(names.items, LOOKED_AT_ONCE, async (name) =>
    (await store.version(name)) === wanted ? costOf(name, store) : null,
  );
  return costs.filter((cost) => cost !== null);
}

function times({ value, low, high }: Estimated, factor: number): Estimated {
  return { value: value * factor, low: low * factor, high: high * factor };
}
