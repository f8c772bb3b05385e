import { drawing, limb, line, oval } from '../figure.ts';
import type { Scene } from '../film.ts';
import { sky, snow } from '../landscape.ts';
import { step, turbulence } from '../noise.ts';
import { person } from '../person.ts';
import { blend, blur, type Colour, paint, rasterise, roughen, scale } from '../picture.ts';

/** A snowboarder in the air, over a slope. */
export async function snowboarder(): Promise<Scene> {
  const body = await rasterise(drawing(520, 520, [...board(), ...person(POSE, CLOTHES), ...goggles()], 100));
  return {
    seconds: 5,
    begins: 'cut',
    scenery: await blur(paint(1560, 720, slopeAt), 0.9),
    camera: (seconds) => 20 + seconds * 48,
    actors: [
      {
        pictures: [await blur(roughen(body, { ragged: 0.8, grain: 0.28, seed: 91 }), 0.7)],
        picturesPerSecond: 1,
        at: (seconds) => [270 + seconds * 92, 40 + (seconds - 2.2) ** 2 * 16],
      },
    ],
  };
}

const POSE = {
  head: [60, 22],
  neck: [56, 31],
  hip: [42, 54],
  farArm: [
    [70, 36],
    [84, 32],
  ],
  nearArm: [
    [40, 38],
    [26, 32],
  ],
  farLeg: [
    [64, 62],
    [68, 82],
  ],
  nearLeg: [
    [46, 68],
    [34, 75],
  ],
  facing: 1,
} as const;

const CLOTHES = {
  skin: '#33363c',
  hair: '#26282e',
  shirt: '#d8782a',
  sleeves: 'long',
  trousers: '#3c4250',
  trouserLegs: 'long',
  shoes: '#222226',
  helmet: '#26282e',
} as const;

function board(): string[] {
  const colour = '#7a2c86';
  return [
    limb([16, 78], [88, 92], 5, 5, colour),
    oval([14, 77.5], 5, 3, colour, 14),
    oval([90, 92.5], 5, 3, colour, 14),
  ];
}

function goggles(): string[] {
  return [
    oval([64, 21], 3.4, 2.6, '#e0a040'),
    line(
      [
        [54, 20],
        [61, 21],
      ],
      1.4,
      '#18181c',
    ),
  ];
}

function slopeAt(x: number, y: number): Colour {
  const ground = 470 + (x - 780) * 0.2 + 24 * Math.sin(x / 210);
  if (y < ground - firs(x))
    return sky(x, (560 - y) / 560, { top: [26, 76, 168], horizon: [150, 190, 232], clouds: 0.18, seed: 93 });
  if (y < ground) return scale([44, 62, 54], 0.6 + turbulence(x * 0.1, y * 0.1, 3, 94));
  return blend(snow(x, (y - ground + 30) / 420, 95), [255, 255, 255], 0.2);
}

/** The height of the firs on the ridge. */
function firs(x: number): number {
  const stand = step(0.5, 0.62, turbulence(x * 0.006, 7, 3, 96));
  const tree = Math.abs(((x + 9 * Math.sin(x / 31)) % 26) - 13) / 13;
  return stand * (10 + (1 - tree) * 44 * turbulence(x * 0.03, 4, 2, 97));
}
