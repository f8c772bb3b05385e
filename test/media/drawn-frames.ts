import { TINY_BYTES, TINY_HEIGHT, TINY_WIDTH, type TinyFrame } from '../../src/media/frames.ts';
import { type Boundary, createShotDetector, type ShotDetectorOptions } from '../../src/media/shots.ts';

/** A picture of 64×36 in planar YUV 4:2:0 at a time in seconds. */
export type Scene = (seconds: number) => Uint8Array;

/** Ticks of a millisecond. */
export const MILLISECONDS = { num: 1, den: 1000 };

/** A textured scene of its own for each seed, seen by a camera that drifts by `speed` pictures a second. */
export function scene(seed: number, speed = 0.02): Scene {
  const waves = Array.from({ length: 9 }, (_, i) => ({
    x: 2 + 14 * hash(seed, i, 1),
    y: 2 + 14 * hash(seed, i, 2),
    phase: 6.3 * hash(seed, i, 3),
    height: 24 / (1 + (i % 3)),
  }));
  const colour = [0, 1].map((i) => 128 + 70 * (hash(seed, 50 + i, 4) - 0.5));
  const level = 80 + 80 * hash(seed, 60, 5);
  return (seconds) =>
    picture((x, y, plane) => {
      const from = x + seconds * speed;
      const wave = waves.reduce((sum, one) => sum + one.height * Math.sin(one.x * from + one.y * y + one.phase), 0);
      return plane === 0 ? level + wave : (colour[plane - 1] ?? 128) + 0.3 * wave;
    });
}

/** Draws by shares of the picture's width and height; plane 0 is Y, 1 U, 2 V. */
export function picture(value: (x: number, y: number, plane: number) => number): Uint8Array {
  const yuv = new Uint8Array(TINY_BYTES);
  let at = 0;
  for (const [plane, scale] of [1, 2, 2].entries()) {
    for (let y = 0; y < TINY_HEIGHT; y += scale) {
      for (let x = 0; x < TINY_WIDTH; x += scale) {
        yuv[at++] = Math.min(240, Math.max(16, value(x / TINY_WIDTH, y / TINY_HEIGHT, plane)));
      }
    }
  }
  return yuv;
}

export function flat(y: number): Uint8Array {
  return picture((_x, _y, plane) => (plane === 0 ? y : 128));
}

export function mix(a: Uint8Array, b: Uint8Array, share: number): Uint8Array {
  const s = Math.min(1, Math.max(0, share));
  return a.map((value, i) => Math.round(value * (1 - s) + (b[i] ?? 0) * s));
}

/** Frames of a scene at a steady rate, or at the given times. */
export function film(show: Scene, seconds: number, rate: number | readonly number[] = 25): TinyFrame[] {
  const times = typeof rate === 'number' ? Array.from({ length: seconds * rate }, (_, i) => i / rate) : rate;
  return times.map((time) => ({ ticks: Math.round(time * 1000), yuv: show(time) }));
}

/** Shows one scene after the other, each for its seconds. */
export function sequence(...shots: readonly (readonly [Scene, number])[]): Scene {
  return (seconds) => {
    let left = seconds + 1e-9;
    for (const [show, length] of shots) {
      if (left < length) return show(left);
      left -= length;
    }
    const [last] = shots[shots.length - 1] as readonly [Scene, number];
    return last(seconds);
  };
}

export function boundariesOf(frames: readonly TinyFrame[], options: ShotDetectorOptions = {}): Boundary[] {
  const detector = createShotDetector(MILLISECONDS, options);
  return [...frames.flatMap((frame) => detector.push(frame)), ...detector.finish()];
}

/** A fixed number from 0 to 1 for each seed and index. */
export function hash(...numbers: readonly number[]): number {
  const mixed = numbers.reduce(
    (sum, one) => Math.imul(sum ^ Math.imul(one + 1, 0x9e3779b1), 0x85ebca6b) ^ (sum >>> 13),
    7,
  );
  return (Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0) / 4_294_967_296;
}
