import { drawing, limb, line, oval } from '../figure.ts';
import type { Scene } from '../film.ts';
import { sky } from '../landscape.ts';
import { mix, step, turbulence } from '../noise.ts';
import { person } from '../person.ts';
import { blend, blur, type Colour, paint, rasterise, roughen, scale } from '../picture.ts';

/** A surfer in a wetsuit on the face of a breaking wave. */
export async function surfer(): Promise<Scene> {
  const rider = await rasterise(drawing(440, 440, [...board(), ...person(POSE, CLOTHES)], 100));
  return {
    seconds: 6,
    begins: 'cut',
    scenery: await blur(paint(1600, 720, seaAt), 0.8),
    camera: (seconds) => 20 + seconds * 48,
    actors: [
      {
        pictures: [await blur(roughen(rider, { ragged: 1, grain: 0.3, seed: 3 }), 0.7)],
        picturesPerSecond: 1,
        at: (seconds) => [440 + seconds * 66, 180 + Math.sin(seconds * 1.7) * 14],
      },
    ],
  };
}

const POSE = {
  head: [52, 17],
  neck: [48, 26],
  hip: [38, 51],
  farArm: [
    [62, 30],
    [78, 27],
  ],
  nearArm: [
    [35, 36],
    [20, 33],
  ],
  farLeg: [
    [30, 66],
    [22, 80],
  ],
  nearLeg: [
    [55, 60],
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
  const crest = 150 + 60 * Math.cos((x - 700) / 520) + (turbulence(x * 0.008, 1, 4, 8) - 0.5) * 60;
  const foot = 520 + (x - 800) * 0.05;
  if (y < crest - 26 - 50 * turbulence(x * 0.02, y * 0.01, 4, 3) * step(900, 300, x)) return behind(x, y);
  const down = (y - crest) / (foot - crest);
  return down < 1 ? face(x, y, Math.max(0, down)) : wash(x, y);
}

/** Sky and the calm sea beyond the wave. */
function behind(x: number, y: number): Colour {
  if (y < 110)
    return sky(x, (110 - y) / 400, { top: [110, 160, 210], horizon: [200, 218, 232], clouds: 0.35, seed: 5 });
  return scale([74, 122, 140], 0.7 + 0.6 * turbulence(x * 0.01, y * 0.12, 4, 6));
}

/** The steep side of the wave: water drawn upwards, and foam that falls over on the left. */
function face(x: number, y: number, down: number): Colour {
  const streak = turbulence(x * 0.006 + down * 2.2, y * 0.03 - x * 0.012, 5, 11);
  const ripple = turbulence(x * 0.03, y * 0.05 - x * 0.02, 3, 12);
  const water = scale(blend([58, 150, 152], [14, 72, 96], step(0, 0.9, down)), 0.6 + streak * 0.55 + ripple * 0.25);
  const veil = turbulence(x * 0.016, y * 0.012, 6, 13);
  const lip = step(0.16, 0.02, down) * step(0.35, 0.6, veil + 0.2);
  const curl = step(560, 220, x + (down - 0.5) * 160 + (veil - 0.5) * 420);
  const foam = Math.max(lip, curl * (0.55 + 0.45 * step(0.3, 0.6, veil)));
  return blend(water, scale([246, 250, 252], 0.68 + veil * 0.5), foam);
}

/** White water running out at the foot of the wave. */
function wash(x: number, y: number): Colour {
  const near = (y - 520) / 200;
  const lace = turbulence(x * mix(0.012, 0.007, near), y * 0.024, 6, 17);
  const water = scale([30, 98, 116], 0.65 + 0.6 * turbulence(x * 0.008, y * 0.03, 4, 18));
  return blend(water, scale([240, 246, 248], 0.7 + lace * 0.45), step(0.5, 0.68, lace + step(700, 100, x) * 0.18));
}
