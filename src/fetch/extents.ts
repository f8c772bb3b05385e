import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Extent } from '../domain/extent.ts';

/** What is left of an extent without others. */
export function without(extent: Extent, others: readonly Extent[]): readonly Extent[] {
  return others.reduce<readonly Extent[]>(
    (left, other) =>
      left.flatMap(({ startBytes, endBytes }) =>
        [
          { startBytes, endBytes: Math.min(endBytes, other.startBytes) },
          { startBytes: Math.max(startBytes, other.endBytes), endBytes },
        ].filter((piece) => piece.startBytes < piece.endBytes),
      ),
    [extent],
  );
}

/** The SHA-256 of some bytes of a file. */
export async function hashOf(path: string, { startBytes, endBytes }: Extent, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const part = { start: startBytes, end: endBytes - 1, highWaterMark: 1 << 20 };
  for await (const chunk of createReadStream(path, { ...part, ...(signal && { signal }) })) hash.update(chunk);
  return hash.digest('hex');
}
