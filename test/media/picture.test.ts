import sharp from 'sharp';
import { expect, test } from 'vitest';
import { looksSame } from '../../src/media/lookalikes.ts';
import { LOOK_BYTES, LOOK_HEIGHT, LOOK_WIDTH, measureLook } from '../../src/media/picture.ts';
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

/** JPEG's colours of a drawing at the size of a look. */
function lookOf(rgb: Uint8Array): Uint8Array {
  const look = new Uint8ClampedArray(LOOK_BYTES);
  const pixels = LOOK_WIDTH * LOOK_HEIGHT;
  for (let at = 0; at < pixels; at++) {
    const [r = 0, g = 0, b = 0] = rgb.subarray(at * 3, at * 3 + 3);
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    look[at] = luma;
    const [x, y] = [at % LOOK_WIDTH, Math.floor(at / LOOK_WIDTH)];
    if (x % 2 || y % 2) continue;
    const chroma = pixels + ((y / 2) * LOOK_WIDTH) / 2 + x / 2;
    look[chroma] = 128 + (b - luma) * 0.564;
    look[chroma + pixels / 4] = 128 + (r - luma) * 0.713;
  }
  return new Uint8Array(look.buffer);
}

const measure = (at: Draw) => measureLook(lookOf(draw(LOOK_WIDTH, LOOK_HEIGHT, at)));

function signatureOf(at: Draw): Uint8Array {
  return measure(at).signature;
}

test('black, white and grey have their brightness, no sharpness, and a signature of 16×9 equal pixels', () => {
  for (const [level, brightness] of [
    [0, 0],
    [128, 0.502],
    [255, 1],
  ] as const) {
    const measures = measure(() => [level, level, level]);
    expect(measures).toMatchObject({ brightness, sharpness: 0 });
    expect(measures.signature).toEqual(Uint8Array.from({ length: 432 }, (_, i) => (i % 3 === 0 ? level : 128)));
  }
});

test('colours are in the signature as Cb and Cr', () => {
  const red = signatureOf(() => [255, 0, 0]);
  expect([...red.slice(0, 3)]).toEqual([76, 85, 255]);
});

test('blur lowers sharpness', async () => {
  const raw = { raw: { width: 1280, height: 720, channels: 3 as const } };
  const sharpnessAt = async (sigma: number) => {
    const blurred = sharp(draw(1280, 720, room), raw).blur(sigma);
    const small = await sharp(await blurred.raw().toBuffer(), raw)
      .resize(LOOK_WIDTH, LOOK_HEIGHT)
      .raw()
      .toBuffer();
    return measureLook(lookOf(small)).sharpness;
  };
  const [plain, slight, strong] = [await sharpnessAt(0.3), await sharpnessAt(3), await sharpnessAt(8)];
  expect(slight).toBeLessThan(plain * 0.8);
  expect(strong).toBeLessThan(slight * 0.6);
});

test('noise, a little light and a small object leave a picture the same', () => {
  const before = signatureOf(room);
  const noisy: Draw = (x, y) => {
    const noise = 20 * (hash(Math.round(x * 320), Math.round(y * 180)) - 0.5);
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
