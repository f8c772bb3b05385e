import { drawing, line } from '../figure.ts';
import type { Scene } from '../film.ts';
import { sky } from '../landscape.ts';
import { ridges, step, turbulence } from '../noise.ts';
import { person } from '../person.ts';
import { blend, blur, type Colour, paint, rasterise, roughen, scale } from '../picture.ts';

/** A climber on a steep face of rock. */
export async function climber(): Promise<Scene> {
  const body = await rasterise(drawing(480, 672, [...rope(), ...person(POSE, CLOTHES), ...harness()], 80));
  return {
    seconds: 6,
    begins: 'cut',
    scenery: await blur(paint(1480, 720, cliffAt), 0.7),
    camera: (seconds) => 20 + seconds * 14,
    actors: [
      {
        pictures: [await blur(roughen(body, { ragged: 0.8, grain: 0.3, seed: 81 }), 0.7)],
        picturesPerSecond: 1,
        at: (seconds) => [430, 60 - seconds * 6],
      },
    ],
  };
}

const POSE = {
  head: [41, 22],
  neck: [40, 30],
  hip: [37, 60],
  farArm: [
    [55, 24],
    [58, 6],
  ],
  nearArm: [
    [25, 34],
    [20, 16],
  ],
  farLeg: [
    [54, 66],
    [50, 86],
  ],
  nearLeg: [
    [24, 74],
    [30, 96],
  ],
  facing: 0,
} as const;

const CLOTHES = {
  skin: '#c9946e',
  hair: '#36261c',
  shirt: '#c83428',
  sleeves: 'short',
  trousers: '#2e3a52',
  trouserLegs: 'long',
  shoes: '#2a2624',
  helmet: '#e8e4da',
} as const;

function rope(): string[] {
  return [
    line(
      [
        [38, 58],
        [40, 74],
        [37, 92],
        [43, 120],
      ],
      1,
      '#3c6cc0',
    ),
  ];
}

function harness(): string[] {
  return [
    line(
      [
        [30, 57],
        [44, 57],
      ],
      2,
      '#1c1c20',
    ),
    line(
      [
        [31, 60],
        [28, 66],
      ],
      1.4,
      '#8c9098',
    ),
    line(
      [
        [43, 60],
        [46, 66],
      ],
      1.4,
      '#8c9098',
    ),
  ];
}

function cliffAt(x: number, y: number): Colour {
  const edge = 1180 + (turbulence(y * 0.01, 3, 5, 82) - 0.5) * 320 - y * 0.25;
  if (x > edge)
    return sky(x, (760 - y) / 760, { top: [76, 132, 206], horizon: [190, 214, 236], clouds: 0.3, seed: 83 });
  const relief = (at: number) => turbulence(at * 0.006 + y * 0.002, y * 0.004, 6, 84);
  const slope = (relief(x + 4) - relief(x - 4)) * 10;
  const crack = ridges(x * 0.005 + y * 0.001, y * 0.0035, 5, 85);
  const grain = turbulence(x * 0.08, y * 0.08, 4, 86);
  const warm = step(0.35, 0.7, turbulence(x * 0.003, y * 0.008, 4, 87));
  const stone = blend([150, 136, 120], [186, 150, 112], warm);
  return scale(stone, 0.62 + slope * 0.9 + grain * 0.45 - step(0.82, 0.98, crack) * 0.45);
}
