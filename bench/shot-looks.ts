import { TINY_BYTES, TINY_HEIGHT, TINY_WIDTH } from '../src/media/frames.ts';

/** 256×144 in planar YUV 4:2:0. */
export type Picture = Uint8Array;
/** What happens to a picture at a time. */
export type Look = (picture: Picture, seconds: number) => Picture;
/** How the pictures become 64×36: the mean of each 4×4, or one pixel of it, as FFmpeg's cheapest scalers do. */
export type Reduction = 'area' | 'neighbour';

export const WIDTH = 256;
export const HEIGHT = 144;
export const BYTES = (WIDTH * HEIGHT * 3) / 2;
/** Pictures a second. */
export const RATE = 25;

function map(picture: Picture, change: (value: number, chroma: boolean) => number): Picture {
  const changed = new Uint8Array(BYTES);
  const luma = WIDTH * HEIGHT;
  for (let i = 0; i < BYTES; i++) changed[i] = Math.min(255, Math.max(0, change(picture[i] ?? 0, i >= luma)));
  return changed;
}

export function gain(picture: Picture, factor: number): Picture {
  return map(picture, (value, chroma) =>
    chroma ? 128 + (value - 128) * Math.min(1, factor) : Math.min(235, 16 + (value - 16) * factor),
  );
}

export function mix(a: Picture, b: Picture, share: number): Picture {
  const mixed = new Uint8Array(BYTES);
  for (let i = 0; i < BYTES; i++) mixed[i] = (a[i] ?? 0) * (1 - share) + (b[i] ?? 0) * share + 0.5;
  return mixed;
}

export function towards(picture: Picture, level: number, share: number): Picture {
  const s = Math.min(1, Math.max(0, share));
  return map(picture, (value, chroma) => value * (1 - s) + (chroma ? 128 : level) * s + 0.5);
}

export function fadeInAndOut(total: number): Look {
  return (picture, t) => towards(picture, 16, Math.max(1 - (t - 0.2) / 0.8, 1 - (total - 0.2 - t) / 0.8));
}

/** Three flashes of one to three frames; a bright one fades away over a third of a second. */
export function flashes(random: () => number, kind: 'white' | 'bright' | 'black'): Look {
  const starts = [0.8, 2.3, 4.1].map((t) => t + random() * 0.4);
  const lengths = starts.map(() => 0.04 * (1 + Math.floor(random() * 3)));
  return (picture, t) => {
    for (const [i, start] of starts.entries()) {
      const since = t - start;
      const length = lengths[i] ?? 0;
      if (since < 0) continue;
      if (since < length)
        return kind === 'bright' ? gain(picture, 3) : towards(picture, kind === 'white' ? 235 : 16, 1);
      if (kind === 'bright' && since < length + 0.3) return gain(picture, 1 + 2 * (1 - (since - length) / 0.3));
    }
    return picture;
  };
}

export function noisyFilm(random: () => number): Look {
  const grain = Float32Array.from({ length: 65_536 }, () => (random() + random() + random() - 1.5) * 40);
  return (picture, t) => {
    const flicker = 1 + 0.06 * Math.sin(t * 40);
    let at = Math.floor(t * 7919) & 65_535;
    return map(picture, (value, chroma) => {
      at = (at + 1) & 65_535;
      return chroma ? 128 : 16 + (value - 16) * flicker + (grain[at] ?? 0);
    });
  };
}

export function bars(sides: number, ends: number): Look {
  return (picture) => {
    const barred = new Uint8Array(BYTES).fill(16, 0, WIDTH * HEIGHT).fill(128, WIDTH * HEIGHT);
    eachPixel((x, y, at, width, height) => {
      if (x >= sides * width && x < (1 - sides) * width && y >= ends * height && y < (1 - ends) * height) {
        barred[at] = picture[at] ?? 0;
      }
    });
    return barred;
  };
}

/** A crop that wanders: `strength` 1 is a steady hand, 3 a running one. */
export function handheld(random: () => number, strength = 1): Look {
  const phases = Array.from({ length: 6 }, () => random() * 6.3);
  const wave = (t: number, i: number) =>
    Math.sin(t * 2.1 + (phases[i] ?? 0)) +
    0.6 * Math.sin(t * 7.7 + (phases[i + 1] ?? 0)) +
    0.3 * Math.sin(t * 23 + (phases[i + 2] ?? 0));
  return (picture, t) => crop(picture, 0.1 + 0.03 * strength * wave(t, 0), 0.1 + 0.03 * strength * wave(t, 3), 0.8);
}

/** Half of the picture, moving from one side to the other in 0.25 s, with motion blur, every 1.2 s. */
export function whipPans(picture: Picture, t: number): Picture {
  const turn = Math.floor(t / 1.2);
  const share = Math.min(1, (t - turn * 1.2) / 0.25);
  const place = (s: number) => 0.5 * (turn % 2 ? 1 - s : s);
  return mix(crop(picture, place(share), 0.25, 0.5), crop(picture, place(Math.min(1, share + 0.08)), 0.25, 0.5), 0.5);
}

export function quickZooms(picture: Picture, t: number): Picture {
  const turn = Math.floor(t / 1.5);
  const share = Math.min(1, (t - turn * 1.5) / 0.3);
  const size = turn % 2 ? 0.4 + 0.6 * share : 1 - 0.6 * share;
  return crop(picture, (1 - size) / 2, (1 - size) / 2, size);
}

export function pictureInPicture(clips: readonly Picture[][]): Look {
  return (picture, t) => {
    const other = clips[(clips.findIndex((clip) => clip.includes(picture)) + 1) % clips.length];
    const inset = other?.[Math.min(Math.floor(t * RATE), other.length - 1)];
    if (!inset || t < 1.5 || t > 4) return picture;
    const composed = picture.slice();
    eachPixel((x, y, at, width, height, plane) => {
      if (x < width * 0.55 || y < height * 0.55 || x >= width * 0.95 || y >= height * 0.95) return;
      const fromX = Math.floor((x / width - 0.55) * 2.5 * width);
      const fromY = Math.floor((y / height - 0.55) * 2.5 * height);
      composed[at] = inset[plane + fromY * width + fromX] ?? 0;
    });
    return composed;
  };
}

/** The part of a picture at a place (shares of its size), blown up to the whole picture by nearest pixels. */
function crop(picture: Picture, left: number, top: number, size: number): Picture {
  const cropped = new Uint8Array(BYTES);
  eachPixel((x, y, at, width, height, plane) => {
    const fromX = Math.min(width - 1, Math.max(0, Math.floor(left * width + x * size)));
    const fromY = Math.min(height - 1, Math.max(0, Math.floor(top * height + y * size)));
    cropped[at] = picture[plane + fromY * width + fromX] ?? 0;
  });
  return cropped;
}

function eachPixel(
  visit: (x: number, y: number, at: number, width: number, height: number, plane: number) => void,
): void {
  const luma = WIDTH * HEIGHT;
  for (const [plane, scale] of [
    [0, 1],
    [luma, 2],
    [luma * 1.25, 2],
  ] as const) {
    const width = WIDTH / scale;
    const height = HEIGHT / scale;
    for (let y = 0, at = plane; y < height; y++) {
      for (let x = 0; x < width; x++, at++) visit(x, y, at, width, height, plane);
    }
  }
}

export function reduce(picture: Picture, reduction: Reduction): Uint8Array {
  const tiny = new Uint8Array(TINY_BYTES);
  const luma = WIDTH * HEIGHT;
  const tinyLuma = TINY_WIDTH * TINY_HEIGHT;
  for (const [plane, tinyPlane, scale] of [
    [0, 0, 1],
    [luma, tinyLuma, 2],
    [luma * 1.25, tinyLuma * 1.25, 2],
  ] as const) {
    const width = WIDTH / scale;
    const tinyWidth = TINY_WIDTH / scale;
    for (let y = 0, at = tinyPlane; y < TINY_HEIGHT / scale; y++) {
      for (let x = 0; x < tinyWidth; x++, at++) {
        const corner = plane + y * 4 * width + x * 4;
        if (reduction === 'neighbour') {
          tiny[at] = picture[corner + 2 * width + 2] ?? 0;
          continue;
        }
        let sum = 8;
        for (let row = 0; row < 4; row++)
          for (let column = 0; column < 4; column++) sum += picture[corner + row * width + column] ?? 0;
        tiny[at] = sum >> 4;
      }
    }
  }
  return tiny;
}
