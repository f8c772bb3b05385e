import { drawing, line, type Point } from '../figure.ts';
import type { Scene } from '../film.ts';
import { forest, grass } from '../landscape.ts';
import { step, turbulence } from '../noise.ts';
import { person } from '../person.ts';
import { blend, blur, type Colour, overlay, type Picture, paint, rasterise, roughen, scale } from '../picture.ts';
import { groundShadow } from '../shadow.ts';

const SIZE = [580, 540] as const;

/** A person in a helmet who rides a mountain bike along a dirt path through a wood. */
export async function cyclist(): Promise<Scene> {
  return {
    seconds: 6,
    begins: 'cut',
    scenery: await blur(paint(1660, 720, woodAt), 2),
    camera: (seconds) => 20 + seconds * 48,
    actors: [
      {
        pictures: await Promise.all([0, 0.25, 0.5, 0.75].map(rider)),
        picturesPerSecond: 7,
        at: (seconds) => [260 + seconds * 74, 128 + Math.sin(seconds * 9) * 3],
      },
    ],
  };
}

async function rider(turn: number): Promise<Picture> {
  const angle = turn * Math.PI * 2;
  const near: Point = [50 + 8 * Math.cos(angle), 80 + 8 * Math.sin(angle)];
  const far: Point = [50 - 8 * Math.cos(angle), 80 - 8 * Math.sin(angle)];
  const pose = {
    head: [62, 15],
    neck: [57, 23],
    hip: [36, 47],
    farArm: [
      [66, 38],
      [76, 47],
    ],
    nearArm: [
      [62, 40],
      [75, 48],
    ],
    farLeg: [kneeOf([36, 47], far), far],
    nearLeg: [kneeOf([36, 47], near), near],
    facing: 1,
  } as const;
  const clothes = {
    skin: '#c99270',
    hair: '#3a2a20',
    shirt: '#d8d23a',
    sleeves: 'short',
    trousers: '#1e2228',
    trouserLegs: 'short',
    shoes: '#2a2a2e',
    helmet: '#c83028',
  } as const;
  const body = await rasterise(drawing(...SIZE, [...bicycle(angle), ...person(pose, clothes)], 116));
  const shadow = await groundShadow(...SIZE, { x: 0.47, y: 0.955, wide: 0.44, dark: 0.5 });
  return overlay(shadow, await blur(roughen(body, { ragged: 0.8, grain: 0.3, seed: 71 }), 0.7), 0, 0);
}

function bicycle(angle: number): string[] {
  const rear: Point = [24, 82];
  const front: Point = [88, 82];
  const crank: Point = [50, 80];
  const seat: Point = [36, 52];
  const stem: Point = [74, 52];
  return [
    ...wheel(rear, angle),
    ...wheel(front, angle),
    line([rear, [38, 60], crank, rear], 2, '#20242c'),
    line([crank, [38, 58], [72, 58], crank], 2.6, '#2450a8'),
    line([[72, 58], front], 2.6, '#30343c'),
    line([[38, 60], seat], 2, '#30343c'),
    line(
      [
        [31, 51],
        [42, 51],
      ],
      3,
      '#18181c',
    ),
    line([[72, 58], stem, [78, 49]], 2, '#202024'),
    line(
      [
        [50 - 8 * Math.cos(angle), 80 - 8 * Math.sin(angle)],
        [50 + 8 * Math.cos(angle), 80 + 8 * Math.sin(angle)],
      ],
      1.8,
      '#505460',
    ),
    `<circle cx="50" cy="80" r="4" fill="#3a3e46"/>`,
  ];
}

function wheel([x, y]: Point, angle: number): string[] {
  const spokes = Array.from({ length: 9 }, (_, index) => {
    const at = angle + (index * Math.PI) / 9;
    return line(
      [
        [x - 17 * Math.cos(at), y - 17 * Math.sin(at)],
        [x + 17 * Math.cos(at), y + 17 * Math.sin(at)],
      ],
      0.25,
      '#b8bcc4',
    );
  });
  const rim = (radius: number, width: number, colour: string) =>
    `<circle cx="${x}" cy="${y}" r="${radius}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
  return [...spokes, rim(18.5, 3.2, '#1c1a1a'), rim(16.6, 1, '#8c9098')];
}

/** Two bones of equal length from hip to ankle, the knee to the front. */
function kneeOf(hip: Point, ankle: Point): Point {
  const bone = 23;
  const along: Point = [ankle[0] - hip[0], ankle[1] - hip[1]];
  const distance = Math.hypot(...along);
  const bend = Math.sqrt(Math.max(0, bone ** 2 - (distance / 2) ** 2)) / distance;
  return [hip[0] + along[0] / 2 + along[1] * bend, hip[1] + along[1] / 2 - along[0] * bend];
}

function woodAt(x: number, y: number): Colour {
  const ground = 400 + 10 * Math.sin(x / 130);
  if (y < ground) return trees(x, y, ground);
  const near = (y - ground) / (720 - ground);
  const verge = grass(x, near, { lush: [92, 118, 52], dry: [140, 128, 76], seed: 72 });
  const stones = turbulence(x * 0.03, y * 0.09, 5, 73);
  const dirt = scale([168, 134, 98], 0.55 + stones * 0.8);
  const border = 130 + 26 * turbulence(x * 0.01, 2, 4, 74);
  return blend(verge, dirt, step(border - 30, border, y - ground) * step(330, 270, y - ground));
}

function trees(x: number, y: number, ground: number): Colour {
  const leaves = forest(x, y, (ground - y) / ground, { leaf: [88, 128, 60], seed: 75 });
  const warped = x + 10 * turbulence(x * 0.01, y * 0.006, 3, 77);
  const trunk = Math.sin(warped / 47) * Math.sin(warped / 83 + 1);
  const bark = scale([92, 74, 58], 0.5 + turbulence(x * 0.15, y * 0.02, 4, 76));
  return blend(leaves, bark, step(0.62, 0.7, trunk) * 0.9);
}
