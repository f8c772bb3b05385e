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
  head: [56, 17],
  neck: [53, 26],
  hip: [42, 50],
  farArm: [
    [68, 28],
    [82, 20],
  ],
  nearArm: [
    [38, 34],
    [26, 26],
  ],
  farLeg: [
    [58, 62],
    [66, 76],
  ],
  nearLeg: [
    [40, 66],
    [34, 82],
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
  return [
    limb([16, 93], [84, 77], 5, 5, '#7a2c86'),
    oval([14, 93.5], 5, 3, '#7a2c86', -14),
    oval([86, 76.5], 5, 3, '#7a2c86', -14),
  ];
}

function goggles(): string[] {
  return [
    oval([60, 16], 3.4, 2.6, '#e0a040'),
    line(
      [
        [50, 15],
        [57, 16],
      ],
      1.4,
      '#18181c',
    ),
  ];
}

function slopeAt(x: number, y: number): Colour {
  const ground = 610 - (x - 780) * 0.1 + 20 * Math.sin(x / 210);
  if (y < ground - firs(x))
    return sky(x, (720 - y) / 720, { top: [26, 76, 168], horizon: [150, 190, 232], clouds: 0.18, seed: 93 });
  if (y < ground) return scale([44, 62, 54], 0.6 + turbulence(x * 0.1, y * 0.1, 3, 94));
  return blend(snow(x, (y - ground + 40) / 240, 95), [255, 255, 255], 0.2);
}

/** The height of the firs on the ridge. */
function firs(x: number): number {
  const stand = step(0.5, 0.62, turbulence(x * 0.006, 7, 3, 96));
  const tree = Math.abs(((x + 9 * Math.sin(x / 31)) % 26) - 13) / 13;
  return stand * (10 + (1 - tree) * 44 * turbulence(x * 0.03, 4, 2, 97));
}
