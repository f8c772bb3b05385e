import type { Picture } from './picture.ts';

/** A frame as encoders take it: luma, then Cb and Cr at half size, BT.709, video range. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Scenery in planes, of which a frame shows a part. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly blue: Uint8Array;
  readonly red: Uint8Array;
}

/** A picture with transparency, all planes at full size. */
export interface Sticker extends Planes {
  readonly alpha: Uint8Array;
}

export function newFrame(width: number, height: number): Frame {
  return { width, height, bytes: new Uint8Array((width * height * 3) / 2) };
}

export function scenery(picture: Picture): Planes {
  const full = sticker(picture);
  return { ...full, blue: halve(full.blue, full), red: halve(full.red, full) };
}

export function sticker({ width, height, rgba }: Picture): Sticker {
  const pixels = width * height;
  const [luma, blue, red, alpha] = [0, 1, 2, 3].map(() => new Uint8Array(pixels)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (let at = 0; at < pixels; at++) {
    const r = rgba[at * 4] as number;
    const g = rgba[at * 4 + 1] as number;
    const b = rgba[at * 4 + 2] as number;
    luma[at] = Math.round(16 + 0.1826 * r + 0.6142 * g + 0.062 * b);
    blue[at] = Math.round(128 - 0.1006 * r - 0.3386 * g + 0.4392 * b);
    red[at] = Math.round(128 + 0.4392 * r - 0.3989 * g - 0.0403 * b);
    alpha[at] = rgba[at * 4 + 3] as number;
  }
  return { width, height, luma, blue, red, alpha };
}

/** Fills the frame with the part of the scenery that begins at `left`, which may lie between two pixels. */
export function view(from: Planes, left: number, frame: Frame): void {
  const { width, height, bytes } = frame;
  const lumaBytes = width * height;
  slice(from.luma, from.width, left, bytes, 0, width, height);
  slice(from.blue, from.width / 2, left / 2, bytes, lumaBytes, width / 2, height / 2);
  slice(from.red, from.width / 2, left / 2, bytes, lumaBytes * 1.25, width / 2, height / 2);
}

/** Lays a sticker over the frame; parts beyond the edges are cut off. */
export function stick(frame: Frame, above: Sticker, left: number, top: number): void {
  const { width, height, bytes } = frame;
  const lumaBytes = width * height;
  for (let y = Math.max(0, top); y < Math.min(height, top + above.height); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + above.width); x++) {
      const from = (y - top) * above.width + (x - left);
      const share = above.alpha[from] as number;
      if (share === 0) continue;
      const to = y * width + x;
      bytes[to] = over(bytes[to] as number, above.luma[from] as number, share);
      if ((x | y) & 1) continue;
      const chroma = lumaBytes + (y >> 1) * (width >> 1) + (x >> 1);
      bytes[chroma] = over(bytes[chroma] as number, above.blue[from] as number, share);
      const other = chroma + (lumaBytes >> 2);
      bytes[other] = over(bytes[other] as number, above.red[from] as number, share);
    }
  }
}

function over(below: number, above: number, share: number): number {
  return below + Math.round(((above - below) * share) / 255);
}

function slice(
  from: Uint8Array,
  fromWidth: number,
  left: number,
  to: Uint8Array,
  toStart: number,
  width: number,
  height: number,
): void {
  const whole = Math.floor(left);
  const right = Math.round((left - whole) * 256);
  for (let row = 0; row < height; row++) {
    let source = row * fromWidth + whole;
    let target = toStart + row * width;
    if (right === 0) {
      to.set(from.subarray(source, source + width), target);
      continue;
    }
    for (const end = target + width; target < end; target++, source++) {
      to[target] = ((from[source] as number) * (256 - right) + (from[source + 1] as number) * right + 128) >> 8;
    }
  }
}

function halve(plane: Uint8Array, { width, height }: { width: number; height: number }): Uint8Array {
  const small = new Uint8Array((width * height) / 4);
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const at = y * width + x;
      const sum =
        (plane[at] as number) +
        (plane[at + 1] as number) +
        (plane[at + width] as number) +
        (plane[at + width + 1] as number);
      small[(y / 2) * (width / 2) + x / 2] = (sum + 2) >> 2;
    }
  }
  return small;
}
