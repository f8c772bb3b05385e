import type { Config } from '../domain/config.ts';
import type { FetchedSource } from '../fetch/fetch-source.ts';
import { probe } from '../media/probe.ts';
import { planFor } from '../media/scan-plan.ts';
import { planSegments } from '../media/segment-plan.ts';
import type { Plan, Reach } from './plan.ts';
import { reachesOf } from './reach.ts';

/** How a video is cut, and what of the source each segment needs, where that is known. */
export interface CutSource {
  readonly plan: Plan;
  readonly reaches: readonly (Reach | null)[] | null;
}

/** How a fetched video is to be cut; null where it's to be described whole. */
export async function planSource(
  fetched: FetchedSource,
  config: Config,
  signal: AbortSignal,
): Promise<CutSource | null> {
  const { path, sha256, bytes, name } = fetched;
  const probed = await probe(path, config, signal);
  const scan = await planFor(path, probed, config.scan.mode, config, signal);
  const cut = await planSegments(path, probed, scan, config.queue.segmentMs, config, signal);
  if (cut === null) return null;
  const bordersMs = cut.segments.flatMap(({ endMs }) => (endMs === null ? [] : [endMs]));
  const claimedMs = probed.claimedDurationMs ?? bordersMs.at(-1) ?? 0;
  const plan = { sha256, bytes, sourceName: name, claimedMs, firstPts: cut.firstPts, scan, bordersMs };
  return { plan, reaches: await reachesOf(fetched, cut, config, signal) };
}
