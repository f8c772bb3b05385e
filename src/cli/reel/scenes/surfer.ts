import { drawing, limb, line, oval } from '../figure.ts';
import type { Scene } from '../film.ts';
import { mix, step, turbulence } from '../noise.ts';
import { person } from '../person.ts';
import { blend, blur, type Colour, paint, rasterise, roughen, scale } from '../picture.ts';

/** A surfer in a wetsuit on the face of a breaking wave. */
export async function surfer(): Promise<Scene> {
  const rider = await rasterise(drawing(520, 520, [...board(), ...person(POSE, CLOTHES)], 100));
  return {
    seconds: 6,
    begins: 'cut',
    scenery: await blur(paint(1600, 720, seaAt), 0.8),
    camera: (seconds) => 20 + seconds * 48,
    actors: [
      {
        pictures: [await blur(roughen(rider, { ragged: 1, grain: 0.3, seed: 3 }), 0.7)],
        picturesPerSecond: 1,
        at: (seconds) => [400 + seconds * 60, 120 + Math.sin(seconds * 1.7) * 14],
      },
    ],
  };
}

const POSE = {
  head: [56, 27],
  neck: [51, 35],
  hip: [36, 58],
  farArm: [
    [65, 40],
    [80, 36],
  ],
  nearArm: [
    [37, 44],
    [22, 40],
  ],
  farLeg: [
    [40, 72],
    [24, 80],
  ],
  nearLeg: [
    [56, 62],
    [52, 80],
  ],
  facing: 1,
} as const;

const CLOTHES = {
  skin: '#c99471',
  hair: '#4a3426',
  shirt: '#23272e',
  sleeves: 'long',
  trousers: '#1d2026',
  trouserLegs: 'long',
  shoes: '#c08a66',
} as const;

function board(): string[] {
  return [
    limb([10, 86], [80, 82], 6, 5, '#e9e6dc'),
    oval([80, 82], 12, 3, '#f4f2ea', -4),
    line(
      [
        [14, 86],
        [86, 81.5],
      ],
      0.8,
      '#c2463a',
    ),
  ];
}

function seaAt(x: number, y: number): Colour {
  const crest = 96 + 70 * ((x - 760) / 820) ** 2 + (turbulence(x * 0.009, 1, 4, 8) - 0.5) * 46;
  const foot = 560 + (x - 800) * 0.04;
  if (y < crest - 44 * turbulence(x * 0.02, y * 0.012, 4, 3)) return calmSea(x, y);
  const down = (y - crest) / (foot - crest);
  return down < 1 ? face(x, y, Math.max(0, down)) : wash(x, y);
}

/** The calm sea beyond the wave. */
function calmSea(x: number, y: number): Colour {
  return scale([86, 132, 150], 0.66 + 0.6 * turbulence(x * 0.01, y * 0.1, 4, 6));
}

/** The steep side of the wave: water drawn upwards, a thin white lip, and foam that breaks on the left. */
function face(x: number, y: number, down: number): Colour {
  const streak = turbulence(x * 0.005 + down * 2.4, y * 0.026 - x * 0.01, 5, 11);
  const ripple = turbulence(x * 0.04, y * 0.07 - x * 0.02, 3, 12);
  const depth = step(0.05, 0.95, down + (streak - 0.5) * 0.4);
  const water = scale(blend([72, 158, 150], [18, 70, 92], depth), 0.52 + streak * 0.6 + ripple * 0.34);
  const veil = turbulence(x * 0.018, y * 0.014, 6, 13);
  const lip = step(0.09, 0.01, down) * step(0.3, 0.6, veil + 0.1);
  const curl = step(480, 60, x + (veil - 0.5) * 620 + down * 120) * step(0.3, 0.55, veil + 0.05);
  const trail = spray(x, y, veil);
  return blend(water, scale([244, 249, 252], 0.66 + veil * 0.5), Math.max(lip, curl, trail));
}

/** The white wake that the board leaves along the face. */
function spray(x: number, y: number, veil: number): number {
  const along = 560 + (x - 700) * -0.02;
  const height = 20 + 46 * step(1100, 300, x);
  return step(1, 0.2, Math.abs(y - along + height * 0.4) / height) * step(0.36, 0.6, veil) * step(1320, 900, x);
}

/** White water running out at the foot of the wave. */
function wash(x: number, y: number): Colour {
  const near = (y - 540) / 180;
  const lace = turbulence(x * mix(0.012, 0.008, near), y * 0.026, 6, 17);
  const swell = turbulence(x * 0.008, y * 0.035, 4, 18);
  const water = scale([28, 92, 110], 0.6 + 0.7 * swell);
  return blend(
    water,
    scale([236, 244, 247], 0.7 + lace * 0.45),
    step(0.56, 0.74, lace + step(600, 100, x) * 0.12) * 0.85,
  );
}
