import type { Point } from './figure.ts';
import { mix } from './noise.ts';
import type { Picture } from './picture.ts';
import { type Frame, newFrame, type Planes, type Sticker, scenery, stick, sticker, view } from './planes.ts';

/** Something that moves before the scenery: a strip of pictures, and where its top left corner is. */
export interface Actor {
  readonly pictures: readonly Picture[];
  readonly picturesPerSecond: number;
  /** In pixels of the scenery, by seconds from the start of the scene. */
  readonly at: (seconds: number) => Point;
}

/** One shot of the reel. */
export interface Scene {
  readonly seconds: number;
  /** How it follows the scene before it. */
  readonly begins: 'cut' | 'dissolve' | 'fade';
  readonly scenery: Picture;
  /** The left edge of the camera's view in the scenery, by seconds from the start of the scene. */
  readonly camera: (seconds: number) => number;
  /** From back to front. */
  readonly actors: readonly Actor[];
}

export const FILM = { width: 1280, height: 720, framesPerSecond: 24 } as const;

const DISSOLVE_FRAMES = 24;
const FADE_FRAMES = 18;

/** The frames of a film in planar YCbCr 4:2:0, in order. A frame's memory is used again for the one after it. */
export async function* film(scenes: AsyncIterable<Scene>): AsyncGenerator<Frame> {
  let before: Take | null = null;
  for await (const scene of scenes) {
    const take = new Take(scene);
    const overlap = before !== null && scene.begins === 'dissolve' ? DISSOLVE_FRAMES : 0;
    if (before !== null) yield* before.frames(before.shown, before.count - overlap, scene.begins === 'fade');
    for (let index = 0; index < overlap; index++) {
      const last = (before as Take).frame((before as Take).count - overlap + index);
      yield dissolve(last, take.frame(index), (index + 1) / (overlap + 1));
    }
    take.shown = overlap;
    before = take;
  }
  if (before !== null) yield* before.frames(before.shown, before.count, true);
}

/** A scene made ready to be filmed. */
class Take {
  readonly count: number;
  /** Frames that were already shown in the dissolve from the scene before. */
  shown = 0;
  private readonly scene: Scene;
  private readonly planes: Planes;
  private readonly strips: readonly (readonly Sticker[])[];
  private readonly canvas: Frame;

  constructor(scene: Scene) {
    this.scene = scene;
    this.count = Math.round(scene.seconds * FILM.framesPerSecond);
    this.planes = scenery(scene.scenery);
    this.strips = scene.actors.map((actor) => actor.pictures.map(sticker));
    this.canvas = newFrame(FILM.width, FILM.height);
  }

  *frames(from: number, to: number, fadesOut: boolean): Generator<Frame> {
    for (let index = from; index < to; index++) {
      const frame = this.frame(index);
      const fadeIn = this.scene.begins === 'fade' ? (index + 1) / FADE_FRAMES : 1;
      const fadeOut = fadesOut ? (this.count - index) / FADE_FRAMES : 1;
      darken(frame, Math.min(1, fadeIn, fadeOut));
      yield frame;
    }
  }

  frame(index: number): Frame {
    const seconds = index / FILM.framesPerSecond;
    const left = this.scene.camera(seconds);
    view(this.planes, left, this.canvas);
    this.scene.actors.forEach((actor, which) => {
      const strip = this.strips[which] ?? [];
      const picture = strip[Math.floor(seconds * actor.picturesPerSecond) % strip.length];
      const [x, y] = actor.at(seconds);
      if (picture) stick(this.canvas, picture, Math.round(x - left), Math.round(y));
    });
    return this.canvas;
  }
}

/** Mixes `to` into `from`. */
function dissolve(from: Frame, to: Frame, share: number): Frame {
  const weight = Math.round(share * 256);
  for (let at = 0; at < from.bytes.length; at++) {
    from.bytes[at] = ((from.bytes[at] as number) * (256 - weight) + (to.bytes[at] as number) * weight) >> 8;
  }
  return from;
}

function darken(frame: Frame, light: number): void {
  if (light >= 1) return;
  const lumaBytes = frame.width * frame.height;
  for (let at = 0; at < frame.bytes.length; at++) {
    const black = at < lumaBytes ? 16 : 128;
    frame.bytes[at] = Math.round(mix(black, frame.bytes[at] as number, light));
  }
}
