import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { createPictureReader } from '../../src/caption/picture.ts';
import { paint, plain } from './pictures.ts';

const input = {
  ...({ name: 'image', width: 16, height: 8, layout: 'NCHW', channels: 'RGB', resize: 'squash' } as const),
  mean: [0.485, 0.456, 0.406] as [number, number, number],
  std: [0.229, 0.224, 0.225] as [number, number, number],
};
const PLANE = 16 * 8;

async function read(picture: string | Buffer, changes: Partial<Parameters<typeof createPictureReader>[0]> = {}) {
  const target = new Float32Array(3 * PLANE);
  await createPictureReader({ ...input, ...changes })(picture, target);
  return target;
}

/** The 8-bit values that normalised planes stand for, at one place. */
function pixel(planes: Float32Array, x: number, y: number): readonly number[] {
  return [0, 1, 2].map((channel) => {
    const value = planes[channel * PLANE + y * 16 + x] as number;
    return Math.round((value * (input.std[channel] as number) + (input.mean[channel] as number)) * 255) + 0;
  });
}

/** Red on the left, blue on the right, or on top and below. */
function halves(width: number, height: number) {
  const isWide = width >= height;
  const size = isWide ? { width: width / 2, height } : { width, height: height / 2 };
  const red = { create: { ...size, channels: 3, background: '#f00' } } as const;
  return sharp({ create: { width, height, channels: 3, background: '#00f' } }).composite([
    { input: red, left: 0, top: 0 },
  ]);
}

describe('reading a picture', () => {
  test('gives planes of normalised red, green and blue', async () => {
    const planes = await read(
      await sharp({ create: { width: 40, height: 20, channels: 3, background: '#804020' } })
        .png()
        .toBuffer(),
    );
    expect(pixel(planes, 3, 4)).toEqual([0x80, 0x40, 0x20]);
    expect(planes[0]).toBeCloseTo((0x80 / 255 - 0.485) / 0.229, 5);
  });

  test('squashes, crops to the centre, or pads with black', async () => {
    const red = [255, 0, 0];
    const blue = [0, 0, 255];
    const black = [0, 0, 0];
    const tall = await halves(16, 64).png().toBuffer();
    const column = async (resize: 'squash' | 'crop' | 'pad') => {
      const planes = await read(tall, { resize });
      return [0, 7, 8].map((x) => [0, 7].map((y) => pixel(planes, x, y)));
    };
    expect(await column('squash')).toEqual([0, 7, 8].map(() => [red, blue]));
    expect(await column('crop')).toEqual([0, 7, 8].map(() => [red, blue]));
    expect(await column('pad')).toEqual([
      [black, black],
      [red, blue],
      [red, blue],
    ]);
    // A white frame above and below is all that a crop takes away.
    const framed = await sharp(await halves(16, 8).png().toBuffer())
      .extend({ top: 20, bottom: 20, background: '#fff' })
      .png()
      .toBuffer();
    expect(pixel(await read(framed, { resize: 'crop' }), 1, 0)).toEqual(red);
    expect(pixel(await read(framed, { resize: 'crop' }), 14, 7)).toEqual(blue);
    expect(pixel(await read(framed, { resize: 'squash' }), 1, 0)).toEqual([255, 255, 255]);
  });

  test.each([
    [
      'grey',
      sharp({ create: { width: 20, height: 20, channels: 3, background: '#777' } })
        .greyscale()
        .jpeg(),
      [0x77, 0x77, 0x77],
    ],
    [
      'transparent',
      sharp({ create: { width: 20, height: 20, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } }).png(),
      [0, 0, 0],
    ],
    [
      'deep',
      sharp({ create: { width: 20, height: 20, channels: 3, background: '#f00' } })
        .toColourspace('rgb16')
        .png(),
      [255, 0, 0],
    ],
  ])('takes %s pictures', async (_, picture, expected) => {
    const got = pixel(await read(await picture.toBuffer()), 8, 4);
    expected.forEach((value, channel) => {
      expect(Math.abs((got[channel] as number) - value)).toBeLessThanOrEqual(1);
    });
  });

  test('brings it upright', async () => {
    const turned = await halves(64, 64).withMetadata({ orientation: 3 }).jpeg().toBuffer();
    const [red, , blue] = pixel(await read(turned), 1, 4) as [number, number, number];
    expect(blue).toBeGreaterThan(red + 100);
  });

  test('gives the same numbers each time', async () => {
    const [picture] = (await paint(1, 1280, 720)) as [Buffer];
    expect(await read(picture)).toEqual(await read(picture));
  });

  test('refuses a picture cut short, and bytes that are none', async () => {
    const whole = await plain('#abc', 400, 300);
    for (const bytes of [whole.subarray(0, whole.length / 2), Buffer.alloc(0), Buffer.from('GIF89a')]) {
      await expect(read(bytes)).rejects.toMatchObject({ code: 'PICTURE_UNREADABLE' });
    }
  });
});
