import { frameDistance } from './frame-distance.ts';
import { TINY_BYTES, TINY_HEIGHT, TINY_WIDTH, type TinyFrame } from './frames.ts';

export const BLOCK_COLUMNS = 16;
export const BLOCK_ROWS = 9;
const BLOCKS = BLOCK_COLUMNS * BLOCK_ROWS;
const BINS = 24;

/** What shot detection keeps of a frame. */
export interface FrameFeatures {
  ticks: number;
  readonly yuv: Uint8Array;
  /** Means of 16×9 blocks: 144 of Y, then 144 of U, 144 of V. Block means don't see noise or aliasing. */
  readonly blocks: Float32Array;
  /** Shares of 24 bins of Y, then of U and V; a value between two bins counts for both. Each plane sums to 1. */
  readonly histogram: Float32Array;
  /** Mean of Y. */
  luma: number;
  /** Standard deviation of the Y blocks. */
  spread: number;
  /** One colour all over, near black or near white. */
  blank: boolean;
  /** Distance to the frame before; 0 for the first. */
  step: number;
}

export function emptyFeatures(): FrameFeatures {
  return {
    ticks: 0,
    yuv: new Uint8Array(TINY_BYTES),
    blocks: new Float32Array(BLOCKS * 3),
    histogram: new Float32Array(BINS * 3),
    luma: 0,
    spread: 0,
    blank: false,
    step: 0,
  };
}

export function copyFeatures(features: FrameFeatures): FrameFeatures {
  return {
    ...features,
    yuv: features.yuv.slice(),
    blocks: features.blocks.slice(),
    histogram: features.histogram.slice(),
  };
}

/** Fills `features` from a frame and the one before it, without allocating. */
export function describeFrame(frame: TinyFrame, before: FrameFeatures | undefined, features: FrameFeatures): void {
  const { yuv, blocks, histogram } = features;
  features.ticks = frame.ticks;
  yuv.set(frame.yuv);
  blocks.fill(0);
  histogram.fill(0);
  const pixels = TINY_WIDTH * TINY_HEIGHT;
  describePlane(yuv, 0, TINY_WIDTH, 4, blocks, 0, histogram, 0);
  describePlane(yuv, pixels, TINY_WIDTH / 2, 2, blocks, BLOCKS, histogram, BINS);
  describePlane(yuv, (pixels * 5) / 4, TINY_WIDTH / 2, 2, blocks, BLOCKS * 2, histogram, BINS * 2);
  describeLuma(features);
  features.step = before ? frameDistance(before, features) : 0;
}

/** How often each value occurs in the plane at hand. */
const counts = new Int32Array(256);

/** Pixels are counted in whole numbers first: that is most of the cost of a frame. */
function describePlane(
  yuv: Uint8Array,
  offset: number,
  width: number,
  blockSize: number,
  blocks: Float32Array,
  blockOffset: number,
  histogram: Float32Array,
  binOffset: number,
): void {
  const height = blockSize * BLOCK_ROWS;
  counts.fill(0);
  for (let y = 0, at = offset; y < height; y++) {
    const row = blockOffset + Math.trunc(y / blockSize) * BLOCK_COLUMNS;
    for (let column = 0; column < BLOCK_COLUMNS; column++) {
      let sum = 0;
      for (const end = at + blockSize; at < end; at++) {
        const value = yuv[at] as number;
        sum += value;
        (counts[value] as number)++;
      }
      (blocks[row + column] as number) += sum;
    }
  }
  const blockWeight = 1 / (blockSize * blockSize);
  for (let i = blockOffset; i < blockOffset + BLOCKS; i++) (blocks[i] as number) *= blockWeight;
  const weight = 1 / (width * height);
  for (let value = 0; value < 256; value++) {
    const share = (counts[value] as number) * weight;
    if (share === 0) continue;
    const position = (value * (BINS - 1)) / 255;
    const bin = Math.trunc(position);
    (histogram[binOffset + bin] as number) += share * (1 - (position - bin));
    if (bin < BINS - 1) (histogram[binOffset + bin + 1] as number) += share * (position - bin);
  }
}

function describeLuma(features: FrameFeatures): void {
  const { blocks } = features;
  let sum = 0;
  let squares = 0;
  let low = 255;
  let high = 0;
  for (let i = 0; i < BLOCKS; i++) {
    const value = blocks[i] ?? 0;
    sum += value;
    squares += value * value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  features.luma = sum / BLOCKS;
  features.spread = Math.sqrt(Math.max(0, squares / BLOCKS - features.luma ** 2));
  features.blank = high - low <= 14 && (features.luma <= 36 || features.luma >= 215);
}
