import { drawing, limb, line, shaded } from '../figure.ts';
import type { Scene } from '../film.ts';
import { mountain, sky, skyline, snow } from '../landscape.ts';
import { person } from '../person.ts';
import { blur, type Colour, paint, rasterise, roughen } from '../picture.ts';

/** A hiker with a rucksack, before snowy mountains. */
export async function hiker(): Promise<Scene> {
  const walker = await rasterise(drawing(340, 560, [...poles(), ...person(POSE, CLOTHES), ...rucksack()], 66));
  return {
    seconds: 6,
    begins: 'fade',
    scenery: await blur(paint(1560, 720, rangeAt), 0.9),
    camera: (seconds) => 140 - seconds * 24,
    actors: [
      {
        pictures: [await blur(roughen(walker, { ragged: 0.8, grain: 0.32, seed: 8 }), 0.7)],
        picturesPerSecond: 1,
        at: () => [590, 130],
      },
    ],
  };
}

const POSE = {
  head: [33, 12],
  neck: [33, 20],
  hip: [33, 54],
  farArm: [
    [47, 36],
    [50, 50],
  ],
  nearArm: [
    [19, 36],
    [15, 50],
  ],
  farLeg: [
    [38, 74],
    [39, 94],
  ],
  nearLeg: [
    [28, 75],
    [26, 96],
  ],
  facing: 0,
} as const;

const CLOTHES = {
  skin: '#c79a78',
  hair: '#2f3a4a',
  shirt: '#c23a2c',
  sleeves: 'long',
  trousers: '#32343a',
  trouserLegs: 'long',
  shoes: '#4a3a2c',
} as const;

function rucksack(): string[] {
  return [
    shaded('M23,24 C24,19 42,19 43,24 L45,50 C44,55 22,55 21,50 Z', [22, 20], [46, 54], '#2f5e8e'),
    shaded('M25,36 C26,34 40,34 41,36 L42,48 C41,51 25,51 24,48 Z', [24, 34], [42, 50], '#274d75'),
    limb([24, 21], [42, 21], 5, 5, '#d08a2c'),
  ];
}

function poles(): string[] {
  return [
    line(
      [
        [50, 50],
        [56, 99],
      ],
      0.9,
      '#3a3a3e',
    ),
    line(
      [
        [15, 50],
        [9, 100],
      ],
      0.9,
      '#3a3a3e',
    ),
  ];
}

function rangeAt(x: number, y: number): Colour {
  const foot = 540;
  const range = skyline(x, { height: 520, width: 430, rough: 0.4, seed: 5 });
  const ground = 520 + 26 * Math.sin(x / 190) + 18 * Math.sin(x / 71);
  if (y > ground) return snow(x, (y - ground + 60) / 260, 2);
  if (y > foot - range)
    return mountain(x, y, (foot - y) / 430, { snowLine: 0.28, haze: [176, 200, 228], far: 0.22, seed: 7 });
  return sky(x, (foot - y) / foot, { top: [44, 96, 186], horizon: [188, 212, 238], clouds: 0.3, seed: 3 });
}
