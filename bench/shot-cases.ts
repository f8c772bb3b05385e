import { execFileSync } from 'node:child_process';
import type { TinyFrame } from '../src/media/frames.ts';
import { mulberry } from './random.ts';
import {
  BYTES,
  bars,
  fadeInAndOut,
  flashes,
  gain,
  HEIGHT,
  handheld,
  type Look,
  mix,
  noisyFilm,
  type Picture,
  pictureInPicture,
  quickZooms,
  RATE,
  type Reduction,
  reduce,
  towards,
  WIDTH,
  whipPans,
} from './shot-looks.ts';

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
