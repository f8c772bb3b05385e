import type { Point } from './figure.ts';
import { mix } from './noise.ts';
import type { Picture } from './picture.ts';
import { type Frame, newFrame, scenery, stick, sticker, view } from './planes.ts';

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
  let shown = 0; // frames of `before` that the dissolve into it has shown already
  for await (const scene of scenes) {
    const take = prepare(scene);
    const overlap = before !== null && scene.begins === 'dissolve' ? DISSOLVE_FRAMES : 0;
    if (before !== null) {
      yield* litFrames(before, shown, before.count - overlap, scene.begins === 'fade');
      for (let index = 0; index < overlap; index++) {
        const last = before.frame(before.count - overlap + index);
        yield dissolve(last, take.frame(index), (index + 1) / (overlap + 1));
      }
    }
    before = take;
    shown = overlap;
  }
  if (before !== null) yield* litFrames(before, shown, before.count, true);
}

/** A scene made ready to be filmed. */
interface Take {
  readonly count: number;
  readonly fadesIn: boolean;
  readonly frame: (index: number) => Frame;
}

function prepare(scene: Scene): Take {
  const planes = scenery(scene.scenery);
  const strips = scene.actors.map((actor) => ({ actor, stickers: actor.pictures.map(sticker) }));
  const canvas = newFrame(FILM.width, FILM.height);
  const frame = (index: number) => {
    const seconds = index / FILM.framesPerSecond;
    const left = scene.camera(seconds);
    view(planes, left, canvas);
    for (const { actor, stickers } of strips) {
      const picture = stickers[Math.floor(seconds * actor.picturesPerSecond) % stickers.length];
      const [x, y] = actor.at(seconds);
      if (picture) stick(canvas, picture, Math.round(x - left), Math.round(y));
    }
    return canvas;
  };
  return { count: Math.round(scene.seconds * FILM.framesPerSecond), fadesIn: scene.begins === 'fade', frame };
}

/** Frames `from` up to `to` of a take, darkened where it fades up from black or down to it. */
function* litFrames(take: Take, from: number, to: number, fadesOut: boolean): Generator<Frame> {
  for (let index = from; index < to; index++) {
    const frame = take.frame(index);
    const fadeIn = take.fadesIn ? (index + 1) / FADE_FRAMES : 1;
    const fadeOut = fadesOut ? (take.count - index) / FADE_FRAMES : 1;
    darken(frame, Math.min(1, fadeIn, fadeOut));
    yield frame;
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
