import { BLOCK_COLUMNS, BLOCK_ROWS, type FrameFeatures } from './frame-features.ts';
import { TINY_HEIGHT, TINY_WIDTH } from './frames.ts';

const CELL_WIDTH = 8;
const CELL_HEIGHT = 6;
const CELL_PIXELS = CELL_WIDTH * CELL_HEIGHT;
/** How far a cell is looked for around the move of the whole picture, in pixels of 64×36. */
const REACH_X = 5;
const REACH_Y = 3;

/**
 * The share of `b`'s picture (0 to 1) that isn't found in `a`, wherever it moved and however the light changed: low
 * for camera moves, shake, people walking, exposure; high across a cut. Black bars and other dead flat black areas
 * that both share don't count. Block matching of 8×6 cells around the best global shift; costs about 0.2 ms.
 */
export function unmatchedShare(a: FrameFeatures, b: FrameFeatures): number {
  const shift = globalShift(a, b);
  const light = lightChange(a, b, shift);
  let unmatched = 0;
  let counted = 0;
  for (let y = 0; y < TINY_HEIGHT; y += CELL_HEIGHT) {
    for (let x = 0; x < TINY_WIDTH; x += CELL_WIDTH) {
      if (isDead(a, x, y) && isDead(b, x, y)) continue;
      counted++;
      unmatched += cellMismatch(a, b, x, y, shift, light);
    }
  }
  return counted < 6 ? 0 : unmatched / counted;
}

interface Shift {
  readonly x: number;
  readonly y: number;
}

/** The move of the whole picture, in pixels, found on the 16×9 blocks: up to 5 blocks sideways, 3 up or down. */
function globalShift(a: FrameFeatures, b: FrameFeatures): Shift {
  let best = Number.POSITIVE_INFINITY;
  let shift: Shift = { x: 0, y: 0 };
  for (let dy = -3; dy <= 3; dy++) {
    for (let dx = -5; dx <= 5; dx++) {
      const cost = shiftCost(a, b, dx, dy) + 0.3 * (Math.abs(dx) + Math.abs(dy));
      if (cost < best) {
        best = cost;
        shift = { x: dx * 4, y: dy * 4 };
      }
    }
  }
  return shift;
}

function shiftCost(a: FrameFeatures, b: FrameFeatures, dx: number, dy: number): number {
  const offset = a.luma - b.luma;
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, -dy); y < Math.min(BLOCK_ROWS, BLOCK_ROWS - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(BLOCK_COLUMNS, BLOCK_COLUMNS - dx); x++) {
      const from = a.blocks[(y + dy) * BLOCK_COLUMNS + x + dx] ?? 0;
      sum += Math.abs(from - (b.blocks[y * BLOCK_COLUMNS + x] ?? 0) - offset);
      count++;
    }
  }
  return sum / count;
}

/** `b ≈ gain · a + offset` on the shifted blocks, where they go together; none where they don't. */
interface Light {
  readonly gain: number;
  readonly offset: number;
}

function lightChange(a: FrameFeatures, b: FrameFeatures, shift: Shift): Light {
  const dx = shift.x / 4;
  const dy = shift.y / 4;
  let n = 0;
  let sa = 0;
  let sb = 0;
  let saa = 0;
  let sbb = 0;
  let sab = 0;
  for (let y = Math.max(0, -dy); y < Math.min(BLOCK_ROWS, BLOCK_ROWS - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(BLOCK_COLUMNS, BLOCK_COLUMNS - dx); x++) {
      const from = a.blocks[(y + dy) * BLOCK_COLUMNS + x + dx] ?? 0;
      const to = b.blocks[y * BLOCK_COLUMNS + x] ?? 0;
      n++;
      sa += from;
      sb += to;
      saa += from * from;
      sbb += to * to;
      sab += from * to;
    }
  }
  const va = saa / n - (sa / n) ** 2;
  const vb = sbb / n - (sb / n) ** 2;
  const cov = sab / n - (sa / n) * (sb / n);
  if (va < 25 || vb < 25 || cov < 0.75 * Math.sqrt(va * vb)) return { gain: 1, offset: 0 };
  const gain = Math.sqrt(vb / va);
  if (gain < 0.3 || gain > 3.3) return { gain: 1, offset: 0 };
  return { gain, offset: sb / n - (gain * sa) / n };
}

function isDead(frame: FrameFeatures, x: number, y: number): boolean {
  for (let row = y; row < y + CELL_HEIGHT; row++) {
    for (let at = row * TINY_WIDTH + x, end = at + CELL_WIDTH; at < end; at++)
      if ((frame.yuv[at] ?? 0) > 26) return false;
  }
  return true;
}

/** 0 where the cell is found in `a`, 1 where nothing like it is. */
function cellMismatch(a: FrameFeatures, b: FrameFeatures, x: number, y: number, shift: Shift, light: Light): number {
  const mean = cellMean(b.yuv, x, y);
  const texture = cellTexture(b.yuv, x, y, mean);
  let best = Number.POSITIVE_INFINITY;
  for (let dy = shift.y - REACH_Y; dy <= shift.y + REACH_Y; dy++) {
    const fromY = y + dy;
    if (fromY < 0 || fromY + CELL_HEIGHT > TINY_HEIGHT) continue;
    for (let dx = shift.x - REACH_X; dx <= shift.x + REACH_X; dx++) {
      const fromX = x + dx;
      if (fromX < 0 || fromX + CELL_WIDTH > TINY_WIDTH) continue;
      best = Math.min(best, cellDifference(a.yuv, b.yuv, fromX, fromY, x, y, mean, light, best));
    }
  }
  if (best === Number.POSITIVE_INFINITY) return 1;
  return ramp(best / (6 + 0.6 * texture), 0.8, 1.4);
}

/**
 * Mean difference of two cells after the light change: of texture, of mean brightness (at a third, for what light
 * change is left) and of colour (from the two 4:2:0 planes).
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
  const level = Math.abs(light.gain * fromMean + light.offset - mean) / 2;
  const colour = chromaDifference(a, b, fromX >> 1, fromY >> 1, x >> 1, y >> 1);
  const floor = level + colour;
  if (floor >= limit) return limit;
  let sum = 0;
  for (let row = 0; row < CELL_HEIGHT; row++) {
    let from = (fromY + row) * TINY_WIDTH + fromX;
    let to = (y + row) * TINY_WIDTH + x;
    for (let column = 0; column < CELL_WIDTH; column++, from++, to++) {
      sum += Math.abs(light.gain * ((a[from] ?? 0) - fromMean) - ((b[to] ?? 0) - mean));
    }
  }
  return floor + sum / CELL_PIXELS;
}

function chromaDifference(a: Uint8Array, b: Uint8Array, fromX: number, fromY: number, x: number, y: number): number {
  const width = TINY_WIDTH / 2;
  const u = TINY_WIDTH * TINY_HEIGHT;
  const v = (u * 5) / 4;
  let du = 0;
  let dv = 0;
  for (let row = 0; row < CELL_HEIGHT / 2; row++) {
    const from = (fromY + row) * width + fromX;
    const to = (y + row) * width + x;
    for (let column = 0; column < CELL_WIDTH / 2; column++) {
      du += (a[u + from + column] ?? 0) - (b[u + to + column] ?? 0);
      dv += (a[v + from + column] ?? 0) - (b[v + to + column] ?? 0);
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

/** 0 below `low`, 1 above `high`, straight between. */
function ramp(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}
