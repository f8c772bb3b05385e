export interface PictureMeasures {
  /** Variance of the Laplacian of the luma at a fixed reduced size: higher is sharper. Four decimals. */
  readonly sharpness: number;
  /** Mean luma, 0 black to 1 white. Four decimals. */
  readonly brightness: number;
  /** The picture at 16×9, three bytes (Y, Cb, Cr) a pixel, row by row: 432 bytes. */
  readonly signature: Uint8Array;
}

/** A look is a picture made small: planar Y, Cb, Cr 4:2:0 of JPEG's colours (full range, BT.601) at this size. */
export const LOOK_WIDTH = 320;
export const LOOK_HEIGHT = 180;
export const LOOK_BYTES = (LOOK_WIDTH * LOOK_HEIGHT * 3) / 2;

const LUMA = LOOK_WIDTH * LOOK_HEIGHT;
const BLOCK_COLUMNS = 16;
const BLOCK_ROWS = 9;

/** Measures a picture for keyframe choice by its look. */
export function measureLook(look: Uint8Array): PictureMeasures {
  let total = 0;
  for (let i = 0; i < LUMA; i++) total += look[i] ?? 0;
  return {
    sharpness: fourDecimals(laplacianVariance(look)),
    brightness: fourDecimals(total / (LUMA * 255)),
    signature: signature(look),
  };
}

function signature(look: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(BLOCK_COLUMNS * BLOCK_ROWS * 3);
  describePlane(look, 0, LOOK_WIDTH, pixels, 0);
  describePlane(look, LUMA, LOOK_WIDTH / 2, pixels, 1);
  describePlane(look, (LUMA * 5) / 4, LOOK_WIDTH / 2, pixels, 2);
  return pixels;
}

/** Means of 16×9 square blocks of a plane, to every third byte. */
function describePlane(look: Uint8Array, offset: number, width: number, pixels: Uint8Array, channel: number): void {
  const size = width / BLOCK_COLUMNS;
  for (let block = 0; block < BLOCK_COLUMNS * BLOCK_ROWS; block++) {
    const top = Math.floor(block / BLOCK_COLUMNS) * size;
    const from = offset + top * width + (block % BLOCK_COLUMNS) * size;
    let sum = 0;
    for (let row = from; row < from + size * width; row += width) {
      for (let at = row; at < row + size; at++) sum += look[at] ?? 0;
    }
    pixels[block * 3 + channel] = Math.round(sum / (size * size));
  }
}

function laplacianVariance(luma: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < LOOK_HEIGHT - 1; y++) {
    for (let x = 1, at = y * LOOK_WIDTH + 1; x < LOOK_WIDTH - 1; x++, at++) {
      const across = (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0);
      const along = (luma[at - LOOK_WIDTH] ?? 0) + (luma[at + LOOK_WIDTH] ?? 0);
      const laplacian = 4 * (luma[at] ?? 0) - across - along;
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  const count = (LOOK_WIDTH - 2) * (LOOK_HEIGHT - 2);
  return Math.max(0, squares / count - (sum / count) ** 2);
}

function fourDecimals(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
