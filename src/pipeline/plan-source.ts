import type { Config } from '../domain/config.ts';
import type { FetchedSource } from '../fetch/fetch-source.ts';
import { probe } from '../media/probe.ts';
import { planFor } from '../media/scan-plan.ts';
import { planSegments } from '../media/segment-plan.ts';
import type { Plan } from './plan.ts';

/** How a fetched video is to be cut; null where it's to be described whole. */
export async function planSource(
  { path, sha256, bytes, name }: FetchedSource,
  config: Config,
  signal: AbortSignal,
): Promise<Plan | null> {
  const probed = await probe(path, config, signal);
  const scan = await planFor(path, probed, config.scan.mode, config, signal);
  const cut = await planSegments(path, probed, scan, config.queue.segmentMs, config, signal);
  if (cut === null) return null;
  const bordersMs = cut.segments.flatMap(({ endMs }) => (endMs === null ? [] : [endMs]));
  const claimedMs = probed.claimedDurationMs ?? bordersMs.at(-1) ?? 0;
  return { sha256, bytes, sourceName: name, claimedMs, firstPts: cut.firstPts, scan, bordersMs };
}
