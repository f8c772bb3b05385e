import { createHash } from 'node:crypto';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Probe } from '../domain/scan.ts';
import { hashOf } from '../fetch/extents.ts';
import type { FetchedSource } from '../fetch/fetch-source.ts';
import type { SegmentPlan } from '../media/segment.ts';
import { segmentExtents } from '../media/segment-extents.ts';
import { LONGEST_REVISION, MOST_PARTS, type Reach } from './plan.ts';

/** A larger share of a source isn't worth its requests. */
const MOST_OF_ALL = 0.6;

/**
 * Finds for each segment of a cut video the bytes that it needs. Null where that isn't known, or is most of the source;
 * null for all where its server can't tell one revision from another.
 *
 * @throws {FramescribeError} CANCELLED
 */
export async function reachesOf(
  { path, bytes, revision }: FetchedSource,
  cut: SegmentPlan,
  settings: Pick<Config, 'ffmpeg' | 'limits'>,
  signal: AbortSignal,
): Promise<readonly (Reach | null)[] | null> {
  if (revision === null || revision.length > LONGEST_REVISION) return null;
  const extents = await segmentExtents(path, bytes, cut, settings, signal).catch((error) => {
    if (signal.aborted) throw FramescribeError.from(error);
    return null; // It's cut all the same, and read as a whole.
  });
  const probe = probeDigest(cut.probe);
  const known = new Map<string, string>();
  const reaches: (Reach | null)[] = [];
  for (const needed of extents ?? []) {
    const share = needed.reduce((sum, { startBytes, endBytes }) => sum + endBytes - startBytes, 0) / bytes;
    if (share > MOST_OF_ALL || needed.length > MOST_PARTS) {
      reaches.push(null);
      continue;
    }
    const parts: Reach['parts'] = [];
    for (const extent of needed) {
      const key = `${extent.startBytes}-${extent.endBytes}`;
      const sha256 = known.get(key) ?? (await hashOf(path, extent, signal));
      known.set(key, sha256);
      parts.push({ ...extent, sha256 });
    }
    reaches.push({ revision, probe, parts });
  }
  return reaches.some((one) => one !== null) ? reaches : null;
}

/** Of what is known about a file before it's decoded, by whichever FFmpeg. */
export function probeDigest({ programVersion: _, ...facts }: Probe): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
