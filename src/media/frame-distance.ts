import type { FrameFeatures } from './frame-features.ts';

const BLOCKS = 144;

/**
 * How far two frames are apart: 0 the same, typically above 0.25 across a cut. A sum of three distances that fail
 * in different places: histograms (blind to motion), block means (blind to noise), correlation (blind to light).
 */
export function frameDistance(a: FrameFeatures, b: FrameFeatures): number {
  return 0.4 * histogramDistance(a, b) + 1.5 * blockDistance(a, b) + 0.4 * (1 - correlation(a, b));
}

/** 0 to 1: the share of the pixels that changed their bin, mean of Y and the stronger colour plane. */
function histogramDistance(a: FrameFeatures, b: FrameFeatures): number {
  const sums = [0, 0, 0];
  for (let plane = 0, at = 0; plane < 3; plane++) {
    let sum = 0;
    for (let bin = 0; bin < 24; bin++, at++) sum += Math.abs((a.histogram[at] ?? 0) - (b.histogram[at] ?? 0));
    sums[plane] = sum / 2;
  }
  return ((sums[0] ?? 0) + Math.max(sums[1] ?? 0, sums[2] ?? 0)) / 2;
}

/** 0 to 1: mean absolute difference of the blocks, Y once and both colours together twice (their range is smaller). */
function blockDistance(a: FrameFeatures, b: FrameFeatures): number {
  let luma = 0;
  let chroma = 0;
  for (let i = 0; i < BLOCKS; i++) luma += Math.abs((a.blocks[i] ?? 0) - (b.blocks[i] ?? 0));
  for (let i = BLOCKS; i < BLOCKS * 3; i++) chroma += Math.abs((a.blocks[i] ?? 0) - (b.blocks[i] ?? 0));
  return (luma + chroma) / (BLOCKS * 255);
}

/** Normalised correlation of the Y blocks, -1 to 1; a constant keeps flat pictures from being called unlike. */
export function correlation(a: FrameFeatures, b: FrameFeatures): number {
  let products = 0;
  for (let i = 0; i < BLOCKS; i++) products += ((a.blocks[i] ?? 0) - a.luma) * ((b.blocks[i] ?? 0) - b.luma);
  const flat = 36;
  return (products / BLOCKS + flat) / Math.sqrt((a.spread ** 2 + flat) * (b.spread ** 2 + flat));
}
