import { mkdtempSync } from 'node:fs';
import { open, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Extent } from '../../src/domain/extent.ts';
import type { ScanPlan } from '../../src/domain/scan-plan.ts';
import { probe } from '../../src/media/probe.ts';
import type { SegmentEvent, SegmentPlan } from '../../src/media/segment.ts';
import { segmentExtents } from '../../src/media/segment-extents.ts';
import { planSegments } from '../../src/media/segment-plan.ts';
import { scanSegment } from '../../src/media/segment-scan.ts';
import { makeClip, settings, source, temporaryFolder, X264 } from './clips.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { signal } = new AbortController();
const chosen = { ...settings, keyframes: { ...settings.keyframes, windowMs: 5_000 } };
const plan: ScanPlan = { mode: 'exact', frames: 'all', loopFilter: true, because: '' };
const SEGMENT_MS = 20_000;

/** The sound makes the files large and costs no decoding. */
const SOUND = [...source('sine=sample_rate=48000'), '-ac', '4', '-c:a', 'pcm_s16le'];
const FILM = [...source('testsrc2=size=96x64:rate=25'), ...SOUND, '-t', '140', ...X264, '-g', '50', '-bf', '2'];

describe('the bytes of a segment', () => {
  beforeAll(() => {
    makeClip(at('index-last.mov'), ...FILM);
    makeClip(at('index-first.mov'), '-i', at('index-last.mov'), '-c', 'copy', '-movflags', 'faststart');
    makeClip(at('film.mkv'), '-i', at('index-last.mov'), '-c', 'copy');
    makeClip(at('fragments.mov'), '-i', at('index-last.mov'), '-c', 'copy', '-movflags', 'frag_keyframe');
  });

  test.each(['index-last.mov', 'index-first.mov', 'film.mkv'])(
    'are enough to scan it as if all of %s were there',
    async (name) => {
      const cut = await planFor(at(name));
      const { size } = await stat(at(name));
      const extents = (await segmentExtents(at(name), size, cut, chosen, signal)) ?? [];
      expect(extents).toHaveLength(cut.segments.length);
      for (const index of name.endsWith('mkv') ? [0, 3, cut.segments.length - 1] : [3]) {
        const needed = extents[index] ?? [];
        const share = needed.reduce((sum, { startBytes, endBytes }) => sum + endBytes - startBytes, 0) / size;
        expect(share).toBeLessThan(0.55);
        const holed = await withHoles(at(name), needed, size, at(`${index}-${name}`));
        expect(await probe(holed, chosen, signal)).toEqual(cut.probe);
        expect(await scanned(holed, cut, index)).toEqual(await scanned(at(name), cut, index));
      }
    },
  );

  test('with a hole in them lead to a refusal, never to other findings', async () => {
    const name = 'index-last.mov';
    const cut = await planFor(at(name));
    const { size } = await stat(at(name));
    const needed = (await segmentExtents(at(name), size, cut, chosen, signal))?.[3] ?? [];
    const cutOff = needed.map(({ startBytes, endBytes }) =>
      startBytes > 0 && endBytes < size
        ? { startBytes, endBytes: (startBytes + endBytes) / 2 }
        : { startBytes, endBytes },
    );
    const holed = await withHoles(at(name), cutOff, size, at(`cut-off-${name}`));
    await expect(scanned(holed, cut, 3)).rejects.toMatchObject({ code: 'SEGMENT_UNFIT' });
  });

  test('are not known where the index is all over the file', async () => {
    const cut = await planFor(at('index-last.mov'));
    const { size } = await stat(at('fragments.mov'));
    expect(await segmentExtents(at('fragments.mov'), size, cut, chosen, signal)).toBeNull();
  });
});

async function planFor(path: string): Promise<SegmentPlan> {
  const cut = await planSegments(path, await probe(path, chosen, signal), plan, SEGMENT_MS, chosen, signal);
  if (cut === null) throw new Error('Expected a plan');
  return cut;
}

/** A copy of a file that has these bytes only, and zeros in their stead elsewhere. */
async function withHoles(path: string, extents: readonly Extent[], size: number, copy: string): Promise<string> {
  await writeFile(copy, '');
  await truncate(copy, size);
  await using from = await open(path);
  await using to = await open(copy, 'r+');
  for (const { startBytes, endBytes } of extents) {
    const bytes = Buffer.alloc(endBytes - startBytes);
    await from.read(bytes, 0, bytes.length, startBytes);
    await to.write(bytes, 0, bytes.length, startBytes);
  }
  return copy;
}

async function scanned(path: string, cut: SegmentPlan, index: number) {
  const segment = cut.segments[index];
  if (segment === undefined) throw new Error('Expected a segment');
  const told: unknown[] = [];
  for await (const event of scanSegment(path, cut, segment, chosen, { signal, folder: mkdtempSync(at('scan-')) }))
    told.push(withoutPlace(event));
  return told.filter((one) => one !== null);
}

/** What doesn't depend on the moment or the folder. */
function withoutPlace(event: SegmentEvent) {
  if (event.kind === 'picture') return { ...event.picture, file: '' };
  return event.kind === 'end' ? { ...event.findings, decodeCpuSeconds: 0 } : null;
}
