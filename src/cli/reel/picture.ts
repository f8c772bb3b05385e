import sharp, { type Sharp } from 'sharp';
import { mix, noise, turbulence } from './noise.ts';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Pixels row by row, four bytes (red, green, blue, alpha) each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/** Fills a picture with the colour of each pixel. */
export function paint(width: number, height: number, colourAt: (x: number, y: number) => Colour): Picture {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const [red, green, blue] = colourAt(x, y);
      rgba[at] = red;
      rgba[at + 1] = green;
      rgba[at + 2] = blue;
      rgba[at + 3] = 255;
    }
  }
  return { width, height, rgba };
}

export function blend(from: Colour, to: Colour, share: number): Colour {
  return [mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)];
}

export function scale(colour: Colour, factor: number): Colour {
  return [colour[0] * factor, colour[1] * factor, colour[2] * factor];
}

/** Draws an SVG document as a picture with transparency. */
export async function rasterise(svg: string): Promise<Picture> {
  const { data, info } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
}

/** The picture as seen by a lens that is out of focus. */
export async function blur(picture: Picture, sigma: number): Promise<Picture> {
  const data = await open(picture).blur(sigma).raw().toBuffer();
  return { ...picture, rgba: new Uint8ClampedArray(data) };
}

/** Breaks up edges by `ragged` pixels and surfaces by `grain` (0 to 1): fur, cloth, bark. */
export function roughen(picture: Picture, look: { ragged: number; grain: number; seed: number }): Picture {
  const { width, height } = picture;
  const rgba = new Uint8ClampedArray(picture.rgba.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const sway = (noise(x * 0.32, y * 0.13, look.seed) - 0.5) * 2 * look.ragged;
      const fromX = clamp(Math.round(x + sway * 0.7), width);
      const fromY = clamp(Math.round(y + sway), height);
      const from = (fromY * width + fromX) * 4;
      const hair = turbulence(x * 0.12 + y * 0.05, y * 0.34 - x * 0.1, 3, look.seed + 9);
      const patch = noise(x * 0.03, y * 0.03, look.seed + 21);
      const light = 1 + (hair - 0.5) * 1.6 * look.grain + (patch - 0.5) * look.grain * 0.6;
      for (let channel = 0; channel < 3; channel++)
        rgba[at + channel] = (picture.rgba[from + channel] as number) * light;
      rgba[at + 3] = picture.rgba[from + 3] as number;
    }
  }
  return { width, height, rgba };
}

/** Lays `above` over a copy of `below` with its top left corner at `(left, top)`. */
export function overlay(below: Picture, above: Picture, left: number, top: number): Picture {
  const rgba = below.rgba.slice();
  const firstRow = Math.max(0, -top);
  const lastRow = Math.min(above.height, below.height - top);
  const firstColumn = Math.max(0, -left);
  const lastColumn = Math.min(above.width, below.width - left);
  for (let row = firstRow; row < lastRow; row++) {
    for (let column = firstColumn; column < lastColumn; column++) {
      const from = (row * above.width + column) * 4;
      const to = ((top + row) * below.width + left + column) * 4;
      const covers = (above.rgba[from + 3] as number) / 255;
      const shows = ((1 - covers) * (rgba[to + 3] as number)) / 255;
      if (covers === 0) continue;
      const share = covers / (covers + shows);
      for (let channel = 0; channel < 3; channel++) {
        rgba[to + channel] = mix(rgba[to + channel] as number, above.rgba[from + channel] as number, share);
      }
      rgba[to + 3] = 255 * (covers + shows);
    }
  }
  return { ...below, rgba };
}

function clamp(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, value));
}

function open(picture: Picture): Sharp {
  const raw = { width: picture.width, height: picture.height, channels: 4 } as const;
  return sharp(Buffer.from(picture.rgba.buffer, picture.rgba.byteOffset, picture.rgba.byteLength), { raw });
}
