import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Probe } from '../../src/domain/scan.ts';
import { joinSegments, type ScannedSegment } from '../../src/media/join.ts';
import { createKeyframeChooser } from '../../src/media/keyframes.ts';
import { createPieceFinder } from '../../src/media/pieces.ts';
import type { PiecePicture, Segment } from '../../src/media/segment.ts';
import { SegmentClock } from '../../src/media/segment-clock.ts';
import type { Boundary } from '../../src/media/shots.ts';
import { Timeline } from '../../src/media/timeline.ts';
import { videoEnd } from '../../src/media/video-end.ts';
import { MILLISECONDS } from './drawn-frames.ts';

const WINDOW_MS = 5_000;
const RATE = { num: 25, den: 1 };
const probe = {
  facts: { frameRate: '25/1' },
  timeBase: MILLISECONDS,
  claimedDurationMs: 100_000,
  warnings: [],
} as unknown as Probe;

const videos = fc.record({
  /** Steps between frames. */
  steps: fc.array(fc.constantFrom(40, 40, 40, 33, 400, 2_500), { minLength: 20, maxLength: 400 }),
  cuts: fc.uniqueArray(fc.integer({ min: 1, max: 90_000 }), { maxLength: 40 }),
  looks: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 }),
  sharpness: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 30 }),
  borders: fc.uniqueArray(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 10 }),
});

test('segments are joined to what a scan of the whole finds, wherever the video is cut', () => {
  fc.assert(
    fc.property(videos, (drawn) => {
      const video = play(drawn);
      const borders = drawn.borders.sort((a, b) => a - b).map((window) => window * WINDOW_MS);
      const segments = [0, ...borders].map((startMs, index): Segment => ({ startMs, endMs: borders[index] ?? null }));
      const joined = joinSegments(
        { probe, firstPts: 700, segments },
        WINDOW_MS,
        segments.map((s) => scanPart(video, s)),
      );
      const { shots, keyframes, facts, warnings } = joined;
      const plain = keyframes.map(({ ticks, shot, sameAs }) => ({ ticks, shot, sameAs }));
      expect({ shots, keyframes: plain, facts, warnings }).toEqual(scanWhole(video));
    }),
  );
});

test('segments that saw something else around their border are not joined', () => {
  const video = play({ steps: Array(400).fill(40), cuts: [], looks: [1], sharpness: [1] });
  const segments = [
    { startMs: 0, endMs: 5_000 },
    { startMs: 5_000, endMs: null },
  ];
  const [first, second] = segments.map((segment) => scanPart(video, segment)) as [ScannedSegment, ScannedSegment];
  const head = { frames: 'other', pictures: '', boundaries: [] };
  const other = { ...second, findings: { ...second.findings, head } };
  const join = (parts: readonly ScannedSegment[]) => joinSegments({ probe, firstPts: 700, segments }, WINDOW_MS, parts);
  expect(() => join([first, second])).not.toThrow();
  expect(() => join([first, other])).toThrowError(expect.objectContaining({ code: 'SEGMENT_UNFIT' }));
});

type Video = ReturnType<typeof play>;

function play({
  steps,
  cuts,
  looks,
  sharpness,
}: Omit<typeof videos extends fc.Arbitrary<infer T> ? T : never, 'borders'>) {
  const frames = [0];
  for (const step of steps) frames.push((frames.at(-1) ?? 0) + step);
  const end = frames.at(-1) ?? 0;
  const boundaries = cuts
    .filter((ticks) => ticks <= end)
    .sort((a, b) => a - b)
    .map((ticks): Boundary => ({ startTicks: ticks, endTicks: ticks, transition: 'cut', shotTicks: ticks }));
  const isFirst = (ticks: number, before: number) => Math.floor(ticks / 500) > Math.floor(before / 500);
  const candidates = frames
    .filter((ticks, index) => index === 0 || isFirst(ticks, frames[index - 1] ?? 0))
    .map((ticks, index) => ({
      ticks,
      sharpness: sharpness[index % sharpness.length] ?? 0,
      brightness: 0.5,
      signature: new Uint8Array(432).fill(20 + 40 * (looks[index % looks.length] ?? 0)),
    }));
  return { frames, boundaries, candidates };
}

function scanWhole({ frames, boundaries, candidates }: Video) {
  const clock = new Timeline(MILLISECONDS, RATE);
  for (const ticks of frames) clock.push(ticks + 700);
  const pace = clock.pace();
  const finder = createPieceFinder<Video['candidates'][number]>(MILLISECONDS, WINDOW_MS);
  const chooser = createKeyframeChooser<Video['candidates'][number]>(MILLISECONDS, WINDOW_MS);
  for (const candidate of candidates) finder.push(candidate);
  const findings = [...finder.settle(boundaries, pace.endTicks), ...finder.finish(pace.endTicks)];
  const selections = [chooser.take(findings, pace.endTicks), chooser.finish(pace.endTicks)];
  return {
    shots: selections.flatMap(({ shots }) => shots),
    keyframes: selections
      .flatMap(({ chosen }) => chosen)
      .map(({ candidate, shot, sameAs }) => ({ ticks: candidate.ticks, shot, sameAs })),
    ...videoEnd(probe, pace, 0),
  };
}

/** As `scanSegment` does, with eight seconds before and four after it. */
function scanPart(
  { frames, boundaries, candidates }: Video,
  { startMs, endMs }: Segment,
): ScannedSegment<PiecePicture> {
  const endTicks = endMs ?? Number.POSITIVE_INFINITY;
  const isSeen = (ticks: number) => ticks >= startMs - 8_000 && ticks < endTicks + 4_000;
  const isInside = (ticks: number) => ticks >= startMs && ticks < endTicks;
  const clock = new SegmentClock(700, startMs, endTicks);
  // A gap in the frames may be longer than the context.
  const before = frames.findLast((ticks) => ticks < startMs - 8_000);
  for (const ticks of frames) if (ticks === before || isSeen(ticks)) clock.push(ticks + 700);
  const finder = createPieceFinder<PiecePicture>(MILLISECONDS, WINDOW_MS);
  const found = boundaries.filter(({ shotTicks }) => isSeen(shotTicks));
  for (const candidate of candidates.filter(({ ticks }) => isSeen(ticks))) {
    finder.push({ ...candidate, ...{ file: '', sha256: '', width: 1, height: 1, window: 0, score: 0 } });
  }
  const findings = [...finder.settle(found, 1e9), ...finder.finish(1e9)];
  const seam = (at: number | null) => (at ? { frames: `${at}`, pictures: '', boundaries: [] } : null);
  return {
    findings: {
      boundaries: found.filter(({ shotTicks }) => isInside(shotTicks)),
      ...{ pace: clock.facts(), head: seam(startMs), tail: seam(endMs), decodeCpuSeconds: null },
    },
    pictures: findings.flatMap((finding) => {
      if (finding.kind !== 'piece' || !isInside(finding.piece.candidate.ticks)) return [];
      const { candidate, window, score } = finding.piece;
      return [{ ...candidate, window, score }];
    }),
  };
}
