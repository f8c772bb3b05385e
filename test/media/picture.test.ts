import sharp from 'sharp';
import { expect, test } from 'vitest';
import { looksSame } from '../../src/media/lookalikes.ts';
import { measurePicture } from '../../src/media/picture.ts';
import { hash } from './drawn-frames.ts';

type Draw = (x: number, y: number) => readonly [number, number, number];

/** A room: wall, floor, window and door, with detail. */
const room: Draw = (x, y) => {
  const grain = 18 * Math.sin(x * 160) * Math.sin(y * 90);
  if (y > 0.7) return [120 + grain, 85 + grain, 60 + grain];
  if (x > 0.6 && x < 0.85 && y > 0.15 && y < 0.5) return [190, 215, 240];
  return [165 + grain, 160 + grain, 150 + grain];
};

function draw(width: number, height: number, at: Draw): Uint8Array {
  const rgb = new Uint8ClampedArray(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rgb.set(at(x / width, y / height), (y * width + x) * 3);
  }
  return new Uint8Array(rgb.buffer);
}

function signatureOf(at: Draw): Uint8Array {
  return measurePicture({ width: 640, height: 360, rgb: draw(640, 360, at) }).signature;
}

test('black, white and grey have their brightness, no sharpness, and a signature of 16×9 equal pixels', () => {
  for (const [level, brightness] of [
    [0, 0],
    [128, 0.502],
    [255, 1],
  ] as const) {
    const measures = measurePicture({ width: 64, height: 48, rgb: new Uint8Array(64 * 48 * 3).fill(level) });
    expect(measures).toMatchObject({ brightness, sharpness: 0 });
    expect(measures.signature).toEqual(Uint8Array.from({ length: 432 }, (_, i) => (i % 3 === 0 ? level : 128)));
  }
});

test('colours are in the signature as Cb and Cr', () => {
  const red = measurePicture({ width: 32, height: 18, rgb: draw(32, 18, () => [255, 0, 0]) }).signature;
  expect([...red.slice(0, 3)]).toEqual([76, 85, 255]);
});

test('blur lowers sharpness, and noise does not take the place of detail', async () => {
  const rgb = draw(1280, 720, room);
  const raw = { raw: { width: 1280, height: 720, channels: 3 as const } };
  const sharpnessAt = async (sigma: number) =>
    measurePicture({ width: 1280, height: 720, rgb: await sharp(rgb, raw).blur(sigma).raw().toBuffer() }).sharpness;
  const plain = measurePicture({ width: 1280, height: 720, rgb }).sharpness;
  const [slight, strong] = [await sharpnessAt(3), await sharpnessAt(8)];
  expect(slight).toBeLessThan(plain * 0.8);
  expect(strong).toBeLessThan(slight * 0.6);
});

test('sharpness depends little on the size of the picture', async () => {
  const rgb = draw(1280, 720, room);
  const whole = measurePicture({ width: 1280, height: 720, rgb }).sharpness;
  const half = await sharp(rgb, { raw: { width: 1280, height: 720, channels: 3 } })
    .resize(640, 360)
    .raw()
    .toBuffer();
  const ratio = measurePicture({ width: 640, height: 360, rgb: half }).sharpness / whole;
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
});

test('sizes below the sampling grid, and one pixel, are measured too', () => {
  for (const [width, height] of [
    [1, 1],
    [2, 200],
    [17, 31],
  ] as const) {
    const { sharpness, brightness } = measurePicture({ width, height, rgb: draw(width, height, room) });
    expect(Number.isFinite(sharpness) && Number.isFinite(brightness)).toBe(true);
  }
});

test('noise, a little light and a small object leave a picture the same', () => {
  const before = signatureOf(room);
  const noisy: Draw = (x, y) => {
    const noise = 40 * (hash(Math.round(x * 640), Math.round(y * 360)) - 0.5);
    const [r, g, b] = room(x, y);
    return [r + noise + 8, g + noise + 8, b + noise + 8];
  };
  expect(looksSame(before, signatureOf(noisy))).toBe(true);
  expect(
    looksSame(
      before,
      signatureOf((x, y) => (x > 0.5 && x < 0.55 && y > 0.6 && y < 0.7 ? [20, 20, 20] : room(x, y))),
    ),
  ).toBe(true);
});

test.for([
  ['dark', [40, 40, 60]],
  ['grey', [110, 110, 110]],
  ['brown', [130, 80, 60]],
] as const)('a %s person of 5% of the picture makes it another', ([, colour]) => {
  const before = signatureOf(room);
  for (const left of [0.1, 0.33, 0.7]) {
    const person: Draw = (x, y) => (x > left && x < left + 0.1 && y > 0.3 && y < 0.8 ? colour : room(x, y));
    expect(looksSame(before, signatureOf(person)), `${left}`).toBe(false);
  }
});

test('another scene in the same light is another picture', () => {
  expect(
    looksSame(
      signatureOf(room),
      signatureOf((x, y) => room(1 - x, y)),
    ),
  ).toBe(false);
});
