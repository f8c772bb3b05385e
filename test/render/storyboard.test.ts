import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { Keyframe } from '../../src/domain/result.ts';
import { SmallPictures } from '../../src/render/small-pictures.ts';
import { storyboard } from '../../src/render/storyboard.ts';
import { exampleResult } from './example-result.ts';

/** A picture of one colour for each keyframe, told by its number. */
const plainPictures = new SmallPictures({
  read: (id: string) => {
    const level = (Number(id.slice(1)) * 20) % 256;
    return sharp({ create: { width: 320, height: 180, channels: 3, background: { r: level, g: level, b: level } } })
      .jpeg()
      .toBuffer();
  },
});

it('draws each keyframe where its cue says', async () => {
  const result = exampleResult();
  const board = await storyboard(result, plainPictures);
  const cues = cuesOf(board?.vtt ?? '');
  expect(cues).toHaveLength(result.keyframes.length);
  const { data, info } = await sharp(board?.jpeg).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 1600, height: 180 });
  for (const { id, x, y, width, height } of cues) {
    const middle = ((y + height / 2) * info.width + x + width / 2) * info.channels;
    expect(Math.abs((data[middle] ?? -99) - ((Number(id.slice(1)) * 20) % 256))).toBeLessThan(6);
  }
});

it('covers the whole time with tiles', async () => {
  const result = exampleResult();
  const lines = ((await storyboard(result, plainPictures))?.vtt ?? '').match(/\S+ --> \S+/g) ?? [];
  expect(lines[0]).toMatch(/^00:00:00.000 --> /);
  expect(lines.at(-1)).toMatch(/ --> 00:01:36.000$/);
  expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual(
    lines.slice(0, -1).map((line) => line.split(' ')[2]),
  );
});

it('takes at most 200 of many keyframes, and makes the same bytes each time', async () => {
  const { video, shots, keyframes } = exampleResult();
  const [shot] = shots;
  const [keyframe] = keyframes;
  if (shot === undefined || keyframe === undefined) throw new Error('Expected an example with keyframes');
  const many = Array.from({ length: 450 }, (_, index): Keyframe => {
    return { ...keyframe, id: `k${String(index + 1).padStart(4, '0')}`, timeMs: index * 100 };
  });
  const long = { video, keyframes: many, shots: [{ ...shot, endMs: 45_000, keyframes: many.map(({ id }) => id) }] };
  const board = await storyboard(long, plainPictures);
  expect(cuesOf(board?.vtt ?? '')).toHaveLength(200);
  expect(await sharp(board?.jpeg).metadata()).toMatchObject({ width: 1600, height: 1800 });
  expect((await storyboard(long, plainPictures))?.jpeg.equals(board?.jpeg ?? Buffer.alloc(0))).toBe(true);
});

it('is none where there is no keyframe', async () => {
  expect(await storyboard({ ...exampleResult(), keyframes: [], shots: [] }, plainPictures)).toBeNull();
});

function cuesOf(vtt: string) {
  return [...vtt.matchAll(/(k\d+)\n.*\nstoryboard\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)/g)].map(([, id, ...numbers]) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
    return { id: id ?? '', x, y, width, height };
  });
}
