import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TINY_BYTES } from '../../src/media/frames.ts';
import { createKeyframeChooser, type Selection } from '../../src/media/keyframes.ts';
import { PictureClock } from '../../src/media/picture-clock.ts';
import type { Finding, KeyframeCandidate } from '../../src/media/pieces.ts';
import { ShotScan } from '../../src/media/shot-scan.ts';

const TIME_BASE = { num: 1, den: 1000 };
const FRAME_TICKS = 40;
const FRAMES = 500;

/** Twenty seconds of flat colours that change every 2.4 s, and candidates every half second. */
const frames = Array.from({ length: FRAMES }, (_, index) => {
  const ticks = index * FRAME_TICKS;
  const yuv = new Uint8Array(TINY_BYTES).map((_, at) => 40 + ((Math.floor(ticks / 2400) * 67 + (at % 64)) % 180));
  return { ticks, yuv };
});
const candidates = frames
  .filter(({ ticks }, index) => index === 0 || Math.floor(ticks / 500) !== Math.floor((ticks - FRAME_TICKS) / 500))
  .map(({ ticks }) => ({
    ticks,
    sharpness: 100 + (ticks % 7),
    brightness: 0.5,
    signature: new Uint8Array(432).fill(Math.floor(ticks / 2400) * 20),
  }));

test('shots and keyframes do not depend on how far pictures run ahead of frames or lag behind', () => {
  const expected = scanInOrder(() => true);
  expect(expected.shots.length).toBeGreaterThan(5);
  expect(expected.chosen.length).toBeGreaterThanOrEqual(expected.shots.length);
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 9 })), fc.nat(9), (stream, bias) => {
      expect(scanInOrder(() => stream.next().value < bias)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

function scanInOrder(framesFirst: () => boolean) {
  const scan = new ShotScan<KeyframeCandidate>(TIME_BASE, 5000);
  const chooser = createKeyframeChooser<KeyframeCandidate>(TIME_BASE, 5000);
  const told: { shots: unknown[]; chosen: unknown[] } = { shots: [], chosen: [] };
  const tell = ({ shots, chosen }: Selection<KeyframeCandidate>) => {
    told.shots.push(...shots);
    told.chosen.push(...chosen.map(({ candidate, ...rest }) => ({ ticks: candidate.ticks, ...rest })));
  };
  const take = (findings: readonly Finding<KeyframeCandidate>[]) => tell(chooser.take(findings, scan.doneTicks));
  const clock = new PictureClock<Uint8Array>((ticks, pixels) => {
    const candidate = candidates[pixels[0] ?? 0];
    if (candidate) take(scan.pushCandidate({ ...candidate, ticks }));
  });
  let [frame, picture] = [0, 0];
  while (frame < frames.length || picture < candidates.length) {
    const next = frames[frame];
    if (next && (picture === candidates.length || framesFirst())) {
      clock.pass(next.ticks + 1000, next.ticks);
      take(scan.pushFrame(next.ticks, next.yuv));
      frame++;
    } else {
      clock.show((candidates[picture]?.ticks ?? 0) + 1000, Uint8Array.of(picture));
      picture++;
    }
  }
  tell(chooser.take(scan.finish(FRAMES * FRAME_TICKS), FRAMES * FRAME_TICKS));
  tell(chooser.finish(FRAMES * FRAME_TICKS));
  return told;
}
