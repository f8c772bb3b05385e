import { drawing, shaded } from '../figure.ts';
import type { Scene } from '../film.ts';
import { sky, water } from '../landscape.ts';
import { step, turbulence } from '../noise.ts';
import { person } from '../person.ts';
import { blend, blur, type Colour, type Picture, paint, rasterise, scale } from '../picture.ts';

const HORIZON = 330;
const SUN = [930, 250] as const;

/** Two people on a beach at sunset, and a sailing boat that crosses the bay: one long, slow shot. */
export async function sunset(): Promise<Scene> {
  return {
    seconds: 24,
    begins: 'dissolve',
    scenery: await blur(paint(1760, 720, bayAt), 0.8),
    camera: (seconds) => 10 + seconds * 18,
    actors: [
      { pictures: [await boat()], picturesPerSecond: 1, at: (seconds) => [1250 - seconds * 9, 218] },
      {
        pictures: [await couple()],
        picturesPerSecond: 1,
        at: (seconds) => [470 + seconds * 15, 262 + Math.sin(seconds * 2.6) * 2],
      },
    ],
  };
}

function bayAt(x: number, y: number): Colour {
  const shore = 585 + 22 * Math.sin(x / 240) + 8 * Math.sin(x / 57);
  if (y < HORIZON) return eveningSky(x, y);
  if (y > shore) return sand(x, y, shore);
  const near = (y - HORIZON) / (720 - HORIZON);
  return water(x, near, {
    far: [196, 116, 74],
    near: [58, 52, 78],
    sun: [255, 214, 140],
    sunX: SUN[0],
    glitter: 0.95,
    seed: 31,
  });
}

function eveningSky(x: number, y: number): Colour {
  const distance = Math.hypot(x - SUN[0], (y - SUN[1]) * 1.1);
  const air = sky(x, (HORIZON - y) / HORIZON, { top: [70, 66, 116], horizon: [250, 150, 76], clouds: 0.42, seed: 35 });
  const warm: Colour = [air[0], air[1] * 0.86, air[2] * 0.74];
  const glow = Math.exp(-distance / 210);
  return blend(blend(warm, [255, 206, 120], glow * 0.9), [255, 250, 226], step(50, 42, distance));
}

function sand(x: number, y: number, shore: number): Colour {
  const wet = step(46, 0, y - shore);
  const grain = turbulence(x * 0.05, y * 0.16, 4, 41);
  const dry = scale([112, 78, 62], 0.6 + grain * 0.6);
  return blend(dry, scale([206, 140, 92], 0.7 + grain * 0.4), wet * 0.75);
}

async function couple(): Promise<Picture> {
  const dark = {
    skin: '#241a1e',
    hair: '#18121a',
    shirt: '#201822',
    sleeves: 'short',
    trousers: '#1a141c',
    trouserLegs: 'short',
    shoes: '#181218',
  } as const;
  const tall = person(
    {
      head: [30, 8],
      neck: [30, 17],
      hip: [30, 52],
      farArm: [
        [38, 34],
        [45, 48],
      ],
      nearArm: [
        [21, 34],
        [18, 50],
      ],
      farLeg: [
        [36, 74],
        [42, 95],
      ],
      nearLeg: [
        [26, 74],
        [20, 95],
      ],
      facing: 1,
    },
    dark,
  );
  const short = person(
    {
      head: [62, 17],
      neck: [62, 26],
      hip: [61, 57],
      farArm: [
        [69, 42],
        [74, 54],
      ],
      nearArm: [
        [53, 40],
        [46, 49],
      ],
      farLeg: [
        [66, 77],
        [71, 95],
      ],
      nearLeg: [
        [57, 77],
        [53, 96],
      ],
      facing: 1,
    },
    { ...dark, trousers: '#2a1a22' },
  );
  return blur(await rasterise(drawing(340, 400, [...tall, ...short], 85)), 0.9);
}

async function boat(): Promise<Picture> {
  const parts = [
    shaded('M52,4 L52,84 L16,84 C30,62 44,36 52,4 Z', [20, 40], [54, 60], '#54363c'),
    shaded('M56,14 L56,82 L88,82 C80,58 68,34 56,14 Z', [56, 40], [90, 60], '#482e38'),
    shaded('M4,90 L98,90 C94,102 86,106 78,106 L20,106 C12,104 8,98 4,90 Z', [50, 88], [50, 108], '#2c1f2a'),
  ];
  return blur(await rasterise(drawing(150, 165, parts, 100)), 0.9);
}
