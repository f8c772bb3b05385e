import { BLOCK_COLUMNS, BLOCK_ROWS, type FrameFeatures } from './frame-features.ts';

export interface Shift {
  readonly x: number;
  readonly y: number;
}

/** The move of the whole picture, in pixels, found on the 16×9 blocks: up to 5 blocks sideways, 3 up or down. */
export function globalShift(a: FrameFeatures, b: FrameFeatures): Shift {
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

/** `b ≈ gain · a + offset` */
export interface Light {
  readonly gain: number;
  readonly offset: number;
  /** What a cell that is found in it is off by at least, in levels of Y. */
  readonly doubt: number;
}

const SAME_LIGHT: Light = { gain: 1, offset: 0, doubt: 0 };
/** A light is fitted where the blocks go together as well as this, and believed where they do as well as … */
const LEAST_CORRELATION = 0.65;
/** … this; in between it's doubted, as soft pictures of different things go together somewhat. */
const SURE_CORRELATION = 0.85;
/** At the least correlation, in levels of Y. */
const MOST_DOUBT = 12;

/** The same light; a gain and offset where the shifted blocks go together; a shift of exposure where it's allowed. */
export function lightChanges(a: FrameFeatures, b: FrameFeatures, shift: Shift, exposure: number): readonly Light[] {
  const lights = [SAME_LIGHT];
  const fitted = fittedLight(a, b, shift);
  if (fitted) lights.push(fitted);
  if (exposure > 0)
    lights.push({ gain: 1, offset: Math.min(exposure, Math.max(-exposure, medianChange(a, b))), doubt: 0 });
  return lights;
}

function medianChange(a: FrameFeatures, b: FrameFeatures): number {
  const changes = new Float32Array(BLOCK_COLUMNS * BLOCK_ROWS);
  for (let i = 0; i < changes.length; i++) changes[i] = (b.blocks[i] ?? 0) - (a.blocks[i] ?? 0);
  return changes.sort()[changes.length >> 1] ?? 0;
}

function fittedLight(a: FrameFeatures, b: FrameFeatures, shift: Shift): Light | null {
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
  const correlation = cov / Math.sqrt(va * vb);
  if (va < 3 || vb < 3 || correlation < LEAST_CORRELATION) return null;
  const gain = Math.sqrt(vb / va);
  const doubt = (MOST_DOUBT * Math.max(0, SURE_CORRELATION - correlation)) / (SURE_CORRELATION - LEAST_CORRELATION);
  return gain < 0.2 || gain > 5 ? null : { gain, offset: sb / n - (gain * sa) / n, doubt };
}
