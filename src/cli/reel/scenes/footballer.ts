import { drawing, oval, shaded } from '../figure.ts';
import type { Scene } from '../film.ts';
import { forest, grass } from '../landscape.ts';
import { step } from '../noise.ts';
import { type Clothes, type Pose, person } from '../person.ts';
import { blend, blur, type Colour, overlay, type Picture, paint, rasterise, roughen, scale } from '../picture.ts';
import { groundShadow } from '../shadow.ts';

/** Two players and a ball on a football field. */
export async function footballers(): Promise<Scene> {
  return {
    seconds: 6,
    begins: 'cut',
    scenery: await blur(paint(1600, 720, pitchAt), 1.8),
    camera: (seconds) => 40 + seconds * 48,
    actors: [
      {
        pictures: [await player(CHASING, BLUE, 0.86, 51)],
        picturesPerSecond: 1,
        at: (seconds) => [330 + seconds * 46, 150 + bounce(seconds, 0.4)],
      },
      {
        pictures: [await player(KICKING, RED, 1, 52)],
        picturesPerSecond: 1,
        at: (seconds) => [620 + seconds * 44, 90 + bounce(seconds, 0)],
      },
      {
        pictures: [await ball()],
        picturesPerSecond: 1,
        at: (seconds) => [1010 + seconds * 48, 560 - Math.abs(Math.sin(seconds * 2)) * 40],
      },
    ],
  };
}

const KICKING: Pose = {
  head: [40, 9],
  neck: [39, 18],
  hip: [36, 51],
  farArm: [
    [52, 32],
    [62, 26],
  ],
  nearArm: [
    [27, 34],
    [16, 44],
  ],
  farLeg: [
    [34, 73],
    [24, 93],
  ],
  nearLeg: [
    [54, 62],
    [66, 80],
  ],
  facing: 1,
};
const CHASING: Pose = {
  head: [44, 10],
  neck: [41, 19],
  hip: [35, 51],
  farArm: [
    [52, 36],
    [62, 34],
  ],
  nearArm: [
    [29, 36],
    [22, 48],
  ],
  farLeg: [
    [50, 66],
    [48, 86],
  ],
  nearLeg: [
    [28, 70],
    [12, 82],
  ],
  facing: 1,
};
const RED: Clothes = {
  skin: '#c58f6c',
  hair: '#3a2618',
  shirt: '#c4242a',
  sleeves: 'short',
  trousers: '#eceae6',
  trouserLegs: 'short',
  shoes: '#26262a',
};
const BLUE: Clothes = { ...RED, skin: '#8d5d40', hair: '#1d1512', shirt: '#2446a4', trousers: '#22336c' };

async function player(pose: Pose, clothes: Clothes, size: number, seed: number): Promise<Picture> {
  const width = Math.round(400 * size);
  const height = Math.round(560 * size);
  const body = await rasterise(drawing(width, height, [...person(pose, clothes), number(pose)], 73));
  const shadow = await groundShadow(width, height, { x: 0.5, y: 0.945, wide: 0.34, dark: 0.5 });
  return overlay(shadow, await blur(roughen(body, { ragged: 0.8, grain: 0.26, seed }), 0.7), 0, 0);
}

function number({ neck, hip }: Pose): string {
  const x = (neck[0] + hip[0]) / 2 - 3;
  return `<text x="${x}" y="${(neck[1] + hip[1]) / 2 + 3}" font-size="10" font-family="sans-serif" fill="#f4f4f0">7</text>`;
}

async function ball(): Promise<Picture> {
  const parts = [
    oval([20, 20], 15, 15, '#e4e4e0'),
    ...(
      [
        [20, 19],
        [9, 13],
        [31, 13],
        [13, 31],
        [28, 31],
      ] as const
    ).map(([x, y]) => shaded(`M${x - 4},${y} l4,-4 l4,4 l-2,4 l-4,0 Z`, [x, y - 4], [x, y + 4], '#2a2a2e')),
  ];
  return blur(await rasterise(drawing(84, 84, parts, 40)), 0.6);
}

function bounce(seconds: number, phase: number): number {
  return -Math.abs(Math.sin((seconds + phase) * 6)) * 9;
}

function pitchAt(x: number, y: number): Colour {
  const edge = 190;
  if (y < edge) return scale(forest(x, y, (edge - y) / edge, { leaf: [70, 96, 60], seed: 61 }), 0.9);
  const near = (y - edge) / (720 - edge);
  const turf = grass(x, near, { lush: [96, 152, 60], dry: [120, 164, 70], seed: 62 });
  const stripe = Math.sin((x - 800) / (90 + 420 * near)) > 0 ? 1.05 : 0.95;
  const chalk = Math.max(line(y, 250, 3), line(y - (x - 800) * 0.06, 600, 7));
  return blend(scale(turf, stripe), [232, 236, 228], chalk * 0.85);
}

function line(value: number, at: number, width: number): number {
  return step(width, width * 0.4, Math.abs(value - at));
}
