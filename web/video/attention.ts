/** Where the model looked for a word: a grid over the whole picture, row by row, weights that add up to 1. */
export interface Grid {
  readonly word: string;
  readonly rows: number;
  readonly columns: number;
  readonly weights: readonly number[];
}

/** `attention.json`: for each keyframe with captions of its own, a grid for each word of the best one. */
export type Attention = Readonly<Record<string, readonly Grid[]>>;

/** A word that somebody points at. */
export interface Gaze {
  readonly keyframe: string;
  readonly word: number;
}

/**
 * Draws a grid, one pixel a region; the browser smooths it when it stretches the canvas over the picture. What was
 * looked at stays clear, the rest goes dark.
 */
export function drawGrid(canvas: HTMLCanvasElement, { rows, columns, weights }: Grid): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  canvas.width = columns;
  canvas.height = rows;
  const most = Math.max(...weights, Number.EPSILON);
  const pixels = context.createImageData(columns, rows);
  weights.slice(0, rows * columns).forEach((weight, index) => {
    const seen = Math.sqrt(weight / most);
    pixels.data.set([GLOW[0] * seen, GLOW[1] * seen, GLOW[2] * seen, 255 * (0.78 - 0.6 * seen)], index * 4);
  });
  context.putImageData(pixels, 0, 0);
}

/** The colour over what was looked at most: a thin, warm light. */
const GLOW = [255, 176, 66] as const;
