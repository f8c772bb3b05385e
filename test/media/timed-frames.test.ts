import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jpegSplitter } from '../../src/media/motion-jpeg.ts';
import { type Pts, rawSplitter, readTimedFrames } from '../../src/media/timed-frames.ts';

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
    [{ pipe: pixels, split: rawSplitter(FRAME_BYTES) }],
    times,
    (time) => time,
    (time, [frame]) => seen.push([time, frame?.flatMap((part) => [...part]) ?? []]),
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
  const { ended } = readTimedFrames([{ pipe: pixels, split: rawSplitter(FRAME_BYTES) }], times, fail, () => {});
  times.write('frame:0 pts:0 pts_time:0\n');
  await expect(ended).rejects.toThrow('no more');
});

test('pictures of any length come out of mpjpeg whole, however its bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 }),
      (pictures, cuts) => {
        const parts = pictures.map((picture) =>
          Buffer.concat([
            Buffer.from(`--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${picture.length}\r\n\r\n`),
            picture,
            Buffer.from('\r\n'),
          ]),
        );
        const split = jpegSplitter();
        const whole = cut(Buffer.concat(parts), cuts).flatMap((chunk) => split(chunk));
        expect(whole.map((picture) => [...Buffer.concat(picture)])).toEqual(pictures.map((picture) => [...picture]));
      },
    ),
  );
});

test('what is no mpjpeg ends in an error instead of a wait', () => {
  expect(() => jpegSplitter()(Buffer.alloc(1000, 65))).toThrow('Expected the length of a picture');
});

test('the forms of a frame are told together, once all of them are there', async () => {
  const [small, large, times] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const seen: [Pts, number[]][] = [];
  const pipes = [
    { pipe: small, split: rawSplitter(1) },
    { pipe: large, split: rawSplitter(2) },
  ];
  const { ended } = readTimedFrames(
    pipes,
    times,
    (pts) => pts,
    (pts, forms) => seen.push([pts, forms.flat().flatMap((part) => [...part])]),
  );
  small.end(Buffer.of(1, 2));
  times.end('frame:0 pts:7 pts_time:0\nframe:1 pts:9 pts_time:0\n');
  await new Promise(setImmediate);
  expect(seen).toEqual([]);
  large.end(Buffer.of(3, 4, 5, 6));
  await ended;
  expect(seen).toEqual([
    [7, [1, 3, 4]],
    [9, [2, 5, 6]],
  ]);
});
