import type { FrameFeatures } from './frame-features.ts';
import { TINY_HEIGHT, TINY_WIDTH } from './frames.ts';
import { globalShift, type Light, lightChanges, type Shift } from './scene-change.ts';

const CELL_WIDTH = 8;
const CELL_HEIGHT = 6;
/** Y up to this is black, as bars are. */
const BLACK = 26;
const CELL_PIXELS = CELL_WIDTH * CELL_HEIGHT;
/** How far a cell is looked for around the move of the whole picture, in pixels of 64×36. */
const REACH_X = 5;
const REACH_Y = 3;

/**
 * The share of `b`'s picture (0 to 1) that isn't found in `a`, wherever it moved and however the light changed: low
 * for camera moves, shake, people walking, exposure; high across a cut. Black bars don't count. Block matching of 8×6 cells around the best global shift; costs about 0.2 ms.
 * `exposure` is how far, in levels of Y, all of the picture may have become brighter or darker beyond that.
 */
export function unmatchedShare(a: FrameFeatures, b: FrameFeatures, exposure = 0): number {
  const { left, top, right, bottom } = liveArea(a, b);
  const shift = globalShift(a, b);
  const lights = lightChanges(a, b, shift, exposure);
  let unmatched = 0;
  let counted = 0;
  for (let y = top; y + CELL_HEIGHT <= bottom; y += CELL_HEIGHT) {
    for (let x = left; x + CELL_WIDTH <= right; x += CELL_WIDTH) {
      counted++;
      unmatched += cellMismatch(a, b, x, y, shift, lights, 6 + exposure / 6);
    }
  }
  return counted < 4 ? 0 : unmatched / counted;
}

/** The share of the frame that isn't black bars in both pictures. */
export function liveShare(a: FrameFeatures, b: FrameFeatures): number {
  const { left, top, right, bottom } = liveArea(a, b);
  return ((right - left) * (bottom - top)) / (TINY_WIDTH * TINY_HEIGHT);
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What lies within letterbox and pillarbox bars, in even pixels. */
function liveArea(a: FrameFeatures, b: FrameFeatures): Area {
  const isDeadRow = (y: number) => isBlack(a.yuv, b.yuv, y * TINY_WIDTH, 1, TINY_WIDTH);
  const isDeadColumn = (x: number) => isBlack(a.yuv, b.yuv, x, TINY_WIDTH, TINY_HEIGHT);
  let left = 0;
  let top = 0;
  let right = TINY_WIDTH;
  let bottom = TINY_HEIGHT;
  while (top < bottom && isDeadRow(top)) top++;
  while (bottom > top && isDeadRow(bottom - 1)) bottom--;
  while (left < right && isDeadColumn(left)) left++;
  while (right > left && isDeadColumn(right - 1)) right--;
  return { left: left + (left & 1), top: top + (top & 1), right, bottom };
}

function isBlack(a: Uint8Array, b: Uint8Array, start: number, stride: number, count: number): boolean {
  for (let i = 0, at = start; i < count; i++, at += stride) {
    if ((a[at] ?? 0) > BLACK || (b[at] ?? 0) > BLACK) return false;
  }
  return true;
}

/** 0 where the cell is found in `a` in one of the lights, 1 where nothing like it is. */
function cellMismatch(
  a: FrameFeatures,
  b: FrameFeatures,
  x: number,
  y: number,
  shift: Shift,
  lights: readonly Light[],
  tolerance: number,
): number {
  const mean = cellMean(b.yuv, x, y);
  const scale = tolerance + 0.6 * cellTexture(b.yuv, x, y, mean);
  let best = 1.4 * scale;
  for (const light of lights) {
    best = cellDifference(a.yuv, b.yuv, x, y, x, y, mean, light, best);
    if (best <= 0.8 * scale) return 0;
    for (let dy = shift.y - REACH_Y; dy <= shift.y + REACH_Y; dy++) {
      const fromY = y + dy;
      if (fromY < 0 || fromY + CELL_HEIGHT > TINY_HEIGHT) continue;
      for (let dx = shift.x - REACH_X; dx <= shift.x + REACH_X; dx++) {
        const fromX = x + dx;
        if (fromX < 0 || fromX + CELL_WIDTH > TINY_WIDTH) continue;
        best = cellDifference(a.yuv, b.yuv, fromX, fromY, x, y, mean, light, best);
        if (best <= 0.8 * scale) return 0;
      }
    }
  }
  return (best / scale - 0.8) / 0.6;
}

/**
 * Mean difference of two cells in that light, or `limit` where it's no less: of texture, of mean brightness (half,
 * as some of it is light) and of colour.
 */
function cellDifference(
  a: Uint8Array,
  b: Uint8Array,
  fromX: number,
  fromY: number,
  x: number,
  y: number,
  mean: number,
  light: Light,
  limit: number,
): number {
  const fromMean = cellMean(a, fromX, fromY);
  const level = light.doubt + Math.abs(light.gain * fromMean + light.offset - mean) / 2;
  if (level >= limit) return limit;
  const floor = level + chromaDifference(a, b, fromX >> 1, fromY >> 1, x >> 1, y >> 1, light.gain);
  const most = (limit - floor) * CELL_PIXELS;
  let sum = 0;
  for (let row = 0; row < CELL_HEIGHT; row++) {
    if (sum >= most) return limit;
    let from = (fromY + row) * TINY_WIDTH + fromX;
    let to = (y + row) * TINY_WIDTH + x;
    for (let column = 0; column < CELL_WIDTH; column++, from++, to++) {
      sum += Math.abs(light.gain * ((a[from] ?? 0) - fromMean) - ((b[to] ?? 0) - mean));
    }
  }
  return Math.min(limit, floor + sum / CELL_PIXELS);
}

function chromaDifference(
  a: Uint8Array,
  b: Uint8Array,
  fromX: number,
  fromY: number,
  x: number,
  y: number,
  gain: number,
): number {
  const width = TINY_WIDTH / 2;
  const u = TINY_WIDTH * TINY_HEIGHT;
  const v = (u * 5) / 4;
  let du = 0;
  let dv = 0;
  for (let row = 0; row < CELL_HEIGHT / 2; row++) {
    const from = (fromY + row) * width + fromX;
    const to = (y + row) * width + x;
    for (let column = 0; column < CELL_WIDTH / 2; column++) {
      du += gain * ((a[u + from + column] ?? 0) - 128) - (b[u + to + column] ?? 0) + 128;
      dv += gain * ((a[v + from + column] ?? 0) - 128) - (b[v + to + column] ?? 0) + 128;
    }
  }
  return ((Math.abs(du) + Math.abs(dv)) * 4) / CELL_PIXELS;
}

function cellMean(yuv: Uint8Array, x: number, y: number): number {
  let sum = 0;
  for (let row = y; row < y + CELL_HEIGHT; row++) {
    for (let at = row * TINY_WIDTH + x, end = at + CELL_WIDTH; at < end; at++) sum += yuv[at] ?? 0;
  }
  return sum / CELL_PIXELS;
}

function cellTexture(yuv: Uint8Array, x: number, y: number, mean: number): number {
  let sum = 0;
  for (let row = y; row < y + CELL_HEIGHT; row++) {
    for (let at = row * TINY_WIDTH + x, end = at + CELL_WIDTH; at < end; at++) sum += Math.abs((yuv[at] ?? 0) - mean);
  }
  return sum / CELL_PIXELS;
}
