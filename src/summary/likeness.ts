import type { Shot } from '../domain/result.ts';
import { compare, type Scene } from '../domain/scene.ts';
import { readCaption } from './caption-reading.ts';

const COLUMNS = 16;
const ROWS = 9;
const CELLS_ACROSS = 4;
const CELLS_DOWN = 3;
const LUMA_WEIGHT = 1;
const CHROMA_WEIGHT = 3;
const TEXT_WEIGHT = 0.7;
/** The commonest words tell shots apart or not; rare ones only add length to the vectors. */
const MOST_WORDS = 160;

/**
 * Each shot as a point, such that shots that look alike and are captioned alike lie close; the squared distance of
 * two shots that have nothing in common is about 1. Visual part: a 4×3 mosaic of the keyframes' colours. Textual part:
 * the tf-idf vector of the captions' words, weighted by confidence. A shot without keyframes takes its neighbour's place.
 */
export function shotPoints(
  shots: readonly Shot[],
  scenes: readonly Scene[],
  signatures: ReadonlyMap<string, Uint8Array>,
): readonly Float64Array[] {
  const byShot = new Map(shots.map(({ id }) => [id, [] as Scene[]]));
  for (const scene of scenes) byShot.get(scene.keyframe.shot)?.push(scene);
  const words = wordWeights(scenes);
  const visualSize = CELLS_ACROSS * CELLS_DOWN * 3;
  const own = shots.map((shot) => {
    const seen = byShot.get(shot.id) ?? [];
    if (seen.length === 0) return null;
    const point = new Float64Array(visualSize + words.size);
    for (const { keyframe } of seen) addMosaic(point, signatures.get(keyframe.id), 1 / seen.length);
    addWords(point.subarray(visualSize), seen, words);
    return point;
  });
  let last = own.find((point) => point !== null) ?? new Float64Array(visualSize + words.size);
  return own.map((point) => {
    last = point ?? last;
    return last;
  });
}

/** The commonest content words, each with its place in the vector and its inverse document frequency. */
function wordWeights(scenes: readonly Scene[]): ReadonlyMap<string, { index: number; idf: number }> {
  const frequencies = new Map<string, number>();
  for (const { captions } of scenes) {
    const [best] = captions;
    for (const word of best === undefined ? [] : readCaption(best.text).content) {
      frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
    }
  }
  const common = [...frequencies]
    .sort(([one, count], [other, otherCount]) => otherCount - count || compare(one, other))
    .slice(0, MOST_WORDS);
  return new Map(
    common.map(([word, count], index) => [word, { index, idf: Math.log(1 + scenes.length / count) }] as const),
  );
}

function addMosaic(point: Float64Array, signature: Uint8Array | undefined, share: number): void {
  if (signature === undefined) return;
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      const cell = Math.floor((row * CELLS_DOWN) / ROWS) * CELLS_ACROSS + Math.floor((column * CELLS_ACROSS) / COLUMNS);
      for (let channel = 0; channel < 3; channel += 1) {
        const value = (signature[(row * COLUMNS + column) * 3 + channel] ?? 0) / 255;
        const weight = channel === 0 ? LUMA_WEIGHT : CHROMA_WEIGHT;
        const at = cell * 3 + channel;
        point[at] = (point[at] ?? 0) + (share * weight * value * CELLS_ACROSS * CELLS_DOWN) / (COLUMNS * ROWS);
      }
    }
  }
}

function addWords(
  point: Float64Array,
  scenes: readonly Scene[],
  words: ReadonlyMap<string, { index: number; idf: number }>,
): void {
  let certainty = 0;
  for (const { captions } of scenes) {
    const [best] = captions;
    if (best === undefined) continue;
    certainty = Math.max(certainty, best.uncertain ? best.confidence / 2 : best.confidence);
    for (const word of readCaption(best.text).content) {
      const entry = words.get(word);
      if (entry !== undefined) point[entry.index] = (point[entry.index] ?? 0) + best.confidence * entry.idf;
    }
  }
  const norm = Math.sqrt(point.reduce((sum, value) => sum + value ** 2, 0));
  const scale = norm === 0 ? 0 : (TEXT_WEIGHT * Math.sqrt(certainty)) / norm;
  for (let index = 0; index < point.length; index += 1) point[index] = (point[index] ?? 0) * scale;
}
