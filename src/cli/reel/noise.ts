/** Smooth value noise in the plane, 0 to 1, the same for the same seed on every machine. */
export function noise(x: number, y: number, seed: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const across = smooth(x - column);
  const down = smooth(y - row);
  const top = mix(lattice(column, row, seed), lattice(column + 1, row, seed), across);
  const bottom = mix(lattice(column, row + 1, seed), lattice(column + 1, row + 1, seed), across);
  return mix(top, bottom, down);
}

/** Noise summed over octaves, each twice as fine and half as strong (fractional Brownian motion), 0 to 1. */
export function turbulence(x: number, y: number, octaves: number, seed: number): number {
  let sum = 0;
  let weight = 0.5;
  let total = 0;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(x * scale, y * scale, seed + octave * 101);
    total += weight;
    weight /= 2;
    scale *= 2.03; // not quite 2, so that the lattices of the octaves don't line up
  }
  return sum / total;
}

/** Turbulence folded into sharp crests, 0 to 1: rock, ridges, ripples. */
export function ridges(x: number, y: number, octaves: number, seed: number): number {
  const value = turbulence(x, y, octaves, seed);
  const fold = 1 - Math.abs(value - 0.5) * 4;
  return Math.max(0, fold);
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function step(low: number, high: number, value: number): number {
  return smooth(Math.min(1, Math.max(0, (value - low) / (high - low))));
}

function smooth(value: number): number {
  return value * value * (3 - 2 * value);
}

/** A well-mixed number of a lattice point, 0 to 1. */
function lattice(column: number, row: number, seed: number): number {
  let hash = Math.imul(column, 0x27d4eb2f) ^ Math.imul(row, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296;
}
