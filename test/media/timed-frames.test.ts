import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Pts, readTimedFrames } from '../../src/media/timed-frames.ts';

const FRAME_BYTES = 6;

test('frames meet their timestamps however the bytes of the two pipes are cut and mixed', async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.nat()), { maxLength: 12 }),
      cuts,
      cuts,
      fc.infiniteStream(fc.boolean()),
      run,
    ),
    { numRuns: 60 },
  );
});

async function run(pts: readonly Pts[], pixelCuts: number[], timeCuts: number[], pixelsFirst: Iterator<boolean>) {
  const frames = pts.map((_, index) => Buffer.alloc(FRAME_BYTES, index + 1));
  const lines = pts.map((time, index) => `frame:${index}    pts:${time ?? 'NOPTS'}    pts_time:0.5\nframescribe=1\n`);
  const pixels = new PassThrough();
  const times = new PassThrough();
  const seen: [Pts, number[]][] = [];
  const { ended } = readTimedFrames(
    pixels,
    times,
    FRAME_BYTES,
    (time) => time,
    (time, bytes) => seen.push([time, [...bytes]]),
  );
  const pixelParts = cut(Buffer.concat(frames), pixelCuts);
  const timeParts = cut(Buffer.from(lines.join('')), timeCuts);
  while (pixelParts.length + timeParts.length > 0) {
    const first = pixelsFirst.next().value && pixelParts.length > 0;
    if (first || timeParts.length === 0) pixels.write(pixelParts.shift());
    else times.write(timeParts.shift());
    await new Promise(setImmediate);
  }
  pixels.end();
  times.end();
  await ended;
  expect(seen).toEqual(pts.map((time, index) => [time, Array(FRAME_BYTES).fill(index + 1)]));
}

function cut(whole: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, index = 0; at < whole.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    parts.push(whole.subarray(at, at + size));
    at += size;
  }
  return parts;
}

test('what a callback throws ends the reading with that failure', async () => {
  const pixels = new PassThrough();
  const times = new PassThrough();
  const fail = () => {
    throw new Error('no more');
  };
  const { ended } = readTimedFrames(pixels, times, FRAME_BYTES, fail, () => {});
  times.write('frame:0 pts:0 pts_time:0\n');
  await expect(ended).rejects.toThrow('no more');
});
