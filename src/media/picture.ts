/** A picture in packed 8-bit RGB, row by row. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

export interface PictureMeasures {
  /** Variance of the Laplacian of the luma at a fixed reduced size: higher is sharper. Four decimals. */
  readonly sharpness: number;
  /** Mean luma, 0 black to 1 white. Four decimals. */
  readonly brightness: number;
  /** The picture at 16×9, three bytes (Y, Cb, Cr) a pixel, row by row: 432 bytes. */
  readonly signature: Uint8Array;
}

const WIDTH = 320;
const HEIGHT = 180;

/** Measures a picture for keyframe choice. The cost doesn't grow with its size: it is sampled at 320×180. */
export function measurePicture({ width, height, rgb }: RgbPicture): PictureMeasures {
  const luma = new Float32Array(WIDTH * HEIGHT);
  const sums = new Float64Array(16 * 9 * 3);
  let total = 0;
  for (let y = 0; y < HEIGHT; y++) {
    const row = Math.floor(((y + 0.5) * height) / HEIGHT) * width;
    for (let x = 0; x < WIDTH; x++) {
      const at = (row + Math.floor(((x + 0.5) * width) / WIDTH)) * 3;
      const r = rgb[at] ?? 0;
      const g = rgb[at + 1] ?? 0;
      const b = rgb[at + 2] ?? 0;
      const lum = 0.299 * r + 0.587 * g + 0.114 * b;
      luma[y * WIDTH + x] = lum;
      total += lum;
      const block = (Math.floor(y / 20) * 16 + Math.floor(x / 20)) * 3;
      sums[block] = (sums[block] ?? 0) + lum;
      sums[block + 1] = (sums[block + 1] ?? 0) + 128 + (b - lum) * 0.564;
      sums[block + 2] = (sums[block + 2] ?? 0) + 128 + (r - lum) * 0.713;
    }
  }
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < HEIGHT - 1; y++) {
    for (let x = 1; x < WIDTH - 1; x++) {
      const at = y * WIDTH + x;
      const laplacian =
        4 * (luma[at] ?? 0) -
        (luma[at - 1] ?? 0) -
        (luma[at + 1] ?? 0) -
        (luma[at - WIDTH] ?? 0) -
        (luma[at + WIDTH] ?? 0);
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  const count = (WIDTH - 2) * (HEIGHT - 2);
  return {
    sharpness: fourDecimals(squares / count - (sum / count) ** 2),
    brightness: fourDecimals(total / (WIDTH * HEIGHT * 255)),
    signature: Uint8Array.from(sums, (value) => Math.round(value / 400)),
  };
}

function fourDecimals(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
