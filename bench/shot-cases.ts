import { execFileSync } from 'node:child_process';
import { TINY_BYTES, TINY_HEIGHT, TINY_WIDTH, type TinyFrame } from '../src/media/frames.ts';

/** A made-up video: tiny frames with ticks of a millisecond, and where its shots change. */
export interface ShotCase {
  readonly name: string;
  readonly frames: readonly TinyFrame[];
  readonly cutsSeconds: readonly number[];
}

/** A piece of a real clip that holds one shot. */
export interface Footage {
  readonly path: string;
  readonly startSeconds: number;
  readonly seconds: number;
}

/** How the 256×144 pictures become 64×36: the mean of each 4×4, or one pixel of it, as FFmpeg's cheapest scalers do. */
export type Reduction = 'area' | 'neighbour';

type Picture = Uint8Array;
type Look = (picture: Picture, seconds: number) => Picture;

const WIDTH = 256;
const HEIGHT = 144;
const BYTES = (WIDTH * HEIGHT * 3) / 2;
const RATE = 25;

/** Reads the footage once, as 25 pictures a second of 256×144. */
export function loadFootage(footage: readonly Footage[]): Picture[][] {
  return footage.map(({ path, startSeconds, seconds }) => {
    const input = [
      '-nostdin',
      '-v',
      'error',
      '-ss',
      `${startSeconds}`,
      '-t',
      `${seconds}`,
      '-i',
      path,
      '-map',
      '0:v:0',
    ];
    const output = ['-vf', `fps=${RATE},scale=${WIDTH}:${HEIGHT},format=yuv420p`, '-f', 'rawvideo', 'pipe:1'];
    const bytes: Uint8Array = new Uint8Array(execFileSync('ffmpeg', [...input, ...output], { maxBuffer: 1e9 }));
    return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, i) =>
      bytes.subarray(i * BYTES, (i + 1) * BYTES),
    );
  });
}

/** Videos with known shots, cut together from clips. The same seed gives the same cases. */
export function makeCases(clips: readonly Picture[][], reduction: Reduction, seed: number): ShotCase[] {
  const random = mulberry(seed);
  const between = (low: number, high: number) => low + random() * (high - low);
  const lengths = (count: number, low: number, high: number) => Array.from({ length: count }, () => between(low, high));
  const context: Context = { clips, reduction, random };
  const make = (name: string, plan: Partial<Plan>) => assemble(context, name, { ...DEFAULTS, ...plan });
  const twoSeconds = () => lengths(12, 1, 3);
  const oneShot = [5.5];
  const eachClip = (name: string, plan: () => Partial<Plan>) =>
    clips.map((_, clip) => make(`${name} ${clip}`, { lengths: oneShot, firstClip: clip, ...plan() }));
  return [
    make('hard cuts', { lengths: twoSeconds() }),
    make('hard cuts, other order', { lengths: twoSeconds(), firstClip: 3 }),
    make('rapid cuts of 0.2 to 0.5 s', { lengths: lengths(40, 0.2, 0.5) }),
    make('rapid cuts of 0.2 s, 10 fps', { lengths: lengths(20, 0.2, 0.2), times: steady(10) }),
    make('cuts at 10 fps', { lengths: twoSeconds(), times: steady(10) }),
    make('cuts at 5 fps', { lengths: twoSeconds(), times: steady(5) }),
    make('cuts at 1 fps', { lengths: lengths(10, 3, 5), times: steady(1) }),
    make('cuts at 60 fps', { lengths: twoSeconds(), times: steady(60) }),
    make('cuts, variable frame rate', { lengths: twoSeconds(), times: uneven(random) }),
    make('cuts, each frame twice', { lengths: twoSeconds(), times: doubled }),
    make('cuts with one blended frame', { lengths: twoSeconds(), transition: 'mix', transitionSeconds: () => 0.07 }),
    make('cuts in noisy black and white', { lengths: twoSeconds(), look: noisyFilm(random) }),
    make('cuts, letterbox', { lengths: twoSeconds(), look: bars(0, 0.13) }),
    make('cuts, pillarbox', { lengths: twoSeconds(), look: bars(0.34, 0) }),
    make('cuts in the dark', { lengths: twoSeconds(), look: (picture) => gain(picture, 0.25) }),
    make('cuts, handheld', { lengths: twoSeconds(), look: handheld(random) }),
    make('dissolves', { lengths: lengths(10, 3, 4), transition: 'mix', transitionSeconds: () => between(0.5, 1.5) }),
    make('quick dissolves', {
      lengths: lengths(12, 1.5, 2.5),
      transition: 'mix',
      transitionSeconds: () => between(0.2, 0.5),
    }),
    make('dissolves, handheld', {
      lengths: lengths(10, 3, 4),
      transition: 'mix',
      transitionSeconds: () => between(0.5, 1.5),
      look: handheld(random),
    }),
    make('dissolves at 10 fps', {
      lengths: lengths(8, 3, 4),
      transition: 'mix',
      transitionSeconds: () => between(0.5, 1.5),
      times: steady(10),
    }),
    make('fades through black', {
      lengths: lengths(8, 3, 4),
      transition: 'black',
      transitionSeconds: () => between(0.6, 1.6),
    }),
    make('fades through white', {
      lengths: lengths(8, 3, 4),
      transition: 'white',
      transitionSeconds: () => between(0.6, 1.6),
    }),
    make('flashes on cuts', { lengths: twoSeconds(), transition: 'white', transitionSeconds: () => 0.12 }),
    ...eachClip('fade in and out', () => ({ look: fadeInAndOut(oneShot[0] ?? 0) })),
    ...eachClip('white flashes', () => ({ look: flashes(random, 'white') })),
    ...eachClip('camera flashes', () => ({ look: flashes(random, 'bright') })),
    ...eachClip('strobe', () => ({ look: (picture, t) => (Math.floor(t * 8) % 2 ? gain(picture, 2.2) : picture) })),
    ...eachClip('dropped to black', () => ({ look: flashes(random, 'black') })),
    ...eachClip('light switched', () => ({ look: (picture, t) => (t > 2.5 && t < 4 ? gain(picture, 0.4) : picture) })),
    ...eachClip('light dimmed', () => ({ look: (p, t) => gain(p, Math.min(1, Math.max(0.4, 1.6 - t * 0.4))) })),
    ...eachClip('whip pans', () => ({ look: whipPans, still: true })),
    ...eachClip('quick zooms', () => ({ look: quickZooms })),
    ...eachClip('shake', () => ({ look: handheld(random, 3) })),
    ...eachClip('picture in picture', () => ({ look: pictureInPicture(clips) })),
    ...eachClip('time-lapse', () => ({ speed: 8, lengths: [1.2] })),
    ...eachClip('noise', () => ({ look: noisyFilm(random) })),
    ...eachClip('each frame twice', () => ({ times: doubled })),
    ...eachClip('5 fps', () => ({ times: steady(5) })),
  ];
}

interface Context {
  readonly clips: readonly Picture[][];
  readonly reduction: Reduction;
  readonly random: () => number;
}

interface Plan {
  readonly lengths: readonly number[];
  readonly firstClip: number;
  readonly transition: 'none' | 'mix' | 'black' | 'white';
  readonly transitionSeconds: () => number;
  readonly look: Look;
  readonly times: (seconds: number) => number[];
  /** Shows only the first picture of each clip. */
  readonly still: boolean;
  readonly speed: number;
}

const DEFAULTS: Plan = {
  lengths: [],
  firstClip: 0,
  transition: 'none',
  transitionSeconds: () => 0,
  look: (picture) => picture,
  times: steady(25),
  still: false,
  speed: 1,
};

function assemble({ clips, reduction }: Context, name: string, plan: Plan): ShotCase {
  const starts = plan.lengths.map((_, i) => plan.lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
  const total = plan.lengths.reduce((sum, length) => sum + length, 0);
  const halves = starts.map((_, i) => (i === 0 ? 0 : plan.transitionSeconds() / 2));
  const pictureOf = (shot: number, t: number): Picture => {
    const clip = clips[(shot + plan.firstClip) % clips.length] as Picture[];
    const at = plan.still
      ? 0
      : Math.floor(Math.max(0, t - (starts[shot] ?? 0) + (halves[shot] ?? 0)) * RATE * plan.speed);
    return clip[Math.min(at, clip.length - 1)] as Picture;
  };
  const frames = plan.times(total).map((t): TinyFrame => {
    const shot = starts.findLastIndex((start) => start <= t + 1e-9);
    const picture = transitioned(plan, starts, halves, shot, t, pictureOf);
    return { ticks: Math.round(t * 1000), yuv: reduce(plan.look(picture, t), reduction) };
  });
  // A cut is where the first picture of the new shot is, which may be well after the old shot's end at few frames.
  const shownAt = (start: number) => frames.find((frame) => frame.ticks >= start * 1000 - 1)?.ticks;
  const cutsSeconds = starts.slice(1).flatMap((start) => {
    const ticks = shownAt(start);
    return ticks === undefined ? [] : [ticks / 1000];
  });
  return { name, frames, cutsSeconds };
}

function transitioned(
  plan: Plan,
  starts: readonly number[],
  halves: readonly number[],
  shot: number,
  t: number,
  pictureOf: (shot: number, t: number) => Picture,
): Picture {
  const picture = pictureOf(shot, t);
  if (plan.transition === 'none') return picture;
  const sinceStart = t - (starts[shot] ?? 0);
  const half = halves[shot] ?? 0;
  const untilEnd = (starts[shot + 1] ?? Number.POSITIVE_INFINITY) - t;
  const nextHalf = halves[shot + 1] ?? 0;
  const level = plan.transition === 'white' ? 235 : 16;
  if (shot > 0 && sinceStart < half) {
    if (plan.transition === 'mix') return mix(pictureOf(shot - 1, t), picture, 0.5 + sinceStart / (2 * half));
    return towards(picture, level, 1 - Math.max(0, sinceStart / half - 0.15) / 0.85);
  }
  if (untilEnd < nextHalf) {
    if (plan.transition === 'mix') return mix(picture, pictureOf(shot + 1, t), 0.5 - untilEnd / (2 * nextHalf));
    return towards(picture, level, 1 - Math.max(0, untilEnd / nextHalf - 0.15) / 0.85);
  }
  return picture;
}

function steady(rate: number): (seconds: number) => number[] {
  return (seconds) => Array.from({ length: Math.ceil(seconds * rate) }, (_, i) => i / rate);
}

function uneven(random: () => number): (seconds: number) => number[] {
  return (seconds) => {
    const times = [0];
    for (let t = 0; t < seconds; ) {
      t += random() < 0.1 ? 0.1 + random() * 0.3 : 0.016 + random() * 0.05;
      if (t < seconds) times.push(t);
    }
    return times;
  };
}

/** 25 pictures a second, each shown twice; the second look at a picture has the time of the first. */
function doubled(seconds: number): number[] {
  return Array.from({ length: Math.ceil(seconds * 25) }, (_, i) => i * 0.04 + (i % 2) * -0.02);
}

function map(picture: Picture, change: (value: number, chroma: boolean) => number): Picture {
  const changed = new Uint8Array(BYTES);
  const luma = WIDTH * HEIGHT;
  for (let i = 0; i < BYTES; i++) changed[i] = Math.min(255, Math.max(0, change(picture[i] ?? 0, i >= luma)));
  return changed;
}

function gain(picture: Picture, factor: number): Picture {
  return map(picture, (value, chroma) =>
    chroma ? 128 + (value - 128) * Math.min(1, factor) : Math.min(235, 16 + (value - 16) * factor),
  );
}

function mix(a: Picture, b: Picture, share: number): Picture {
  const mixed = new Uint8Array(BYTES);
  for (let i = 0; i < BYTES; i++) mixed[i] = (a[i] ?? 0) * (1 - share) + (b[i] ?? 0) * share + 0.5;
  return mixed;
}

function towards(picture: Picture, level: number, share: number): Picture {
  const s = Math.min(1, Math.max(0, share));
  return map(picture, (value, chroma) => value * (1 - s) + (chroma ? 128 : level) * s + 0.5);
}

function fadeInAndOut(total: number): Look {
  return (picture, t) => towards(picture, 16, Math.max(1 - (t - 0.2) / 0.8, 1 - (total - 0.2 - t) / 0.8));
}

/** Three flashes of one to three frames; a bright one fades away over a third of a second. */
function flashes(random: () => number, kind: 'white' | 'bright' | 'black'): Look {
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

function noisyFilm(random: () => number): Look {
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

function bars(sides: number, ends: number): Look {
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
function handheld(random: () => number, strength = 1): Look {
  const phases = Array.from({ length: 6 }, () => random() * 6.3);
  const wave = (t: number, i: number) =>
    Math.sin(t * 2.1 + (phases[i] ?? 0)) +
    0.6 * Math.sin(t * 7.7 + (phases[i + 1] ?? 0)) +
    0.3 * Math.sin(t * 23 + (phases[i + 2] ?? 0));
  return (picture, t) => crop(picture, 0.1 + 0.03 * strength * wave(t, 0), 0.1 + 0.03 * strength * wave(t, 3), 0.8);
}

/** Half of the picture, moving from one side to the other in 0.25 s, with motion blur, every 1.2 s. */
function whipPans(picture: Picture, t: number): Picture {
  const turn = Math.floor(t / 1.2);
  const share = Math.min(1, (t - turn * 1.2) / 0.25);
  const place = (s: number) => 0.5 * (turn % 2 ? 1 - s : s);
  return mix(crop(picture, place(share), 0.25, 0.5), crop(picture, place(Math.min(1, share + 0.08)), 0.25, 0.5), 0.5);
}

function quickZooms(picture: Picture, t: number): Picture {
  const turn = Math.floor(t / 1.5);
  const share = Math.min(1, (t - turn * 1.5) / 0.3);
  const size = turn % 2 ? 0.4 + 0.6 * share : 1 - 0.6 * share;
  return crop(picture, (1 - size) / 2, (1 - size) / 2, size);
}

function pictureInPicture(clips: readonly Picture[][]): Look {
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

function reduce(picture: Picture, reduction: Reduction): Uint8Array {
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

/** A small seeded generator of numbers from 0 to 1. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
