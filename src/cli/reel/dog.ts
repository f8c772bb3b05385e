import { limb, line, oval, type Point, shaded } from './figure.ts';

/** How a dog's coat looks: its main colour, and the paler one of chest, belly and paws. */
export interface Coat {
  readonly main: string;
  readonly pale: string;
}

/** A dog running to the right, in a box 200 wide and 130 high; `phase` 0 to 1 is one gallop. */
export function runningDog(phase: number, coat: Coat): string[] {
  const swing = Math.cos(phase * Math.PI * 2);
  const lift = Math.sin(phase * Math.PI * 2) * 3;
  const y = (value: number) => value - lift;
  const shoulder: Point = [128, y(66)];
  const rump: Point = [58, y(64)];
  const dark = coat.main;
  return [
    ...leg([132, y(70)], [140 + swing * 12, y(88) - 2], [150 + swing * 28, y(104) - 6 * swing], 12, dark),
    ...leg([60, y(68)], [50 - swing * 14, y(86)], [44 - swing * 30, y(106) - 4 * swing], 14, dark),
    limb([50, y(58)], [22, y(44) + swing * 4], 9, 6, coat.main),
    limb([22, y(44) + swing * 4], [8, y(30) + swing * 6], 8, 4, coat.pale),
    shaded(
      `M40,${y(66)} C40,${y(48)} 66,${y(44)} 92,${y(46)} C112,${y(46)} 132,${y(40)} 146,${y(48)} ` +
        `C156,${y(60)} 150,${y(80)} 136,${y(86)} C118,${y(92)} 96,${y(80)} 78,${y(80)} C58,${y(84)} 40,${y(84)} 40,${y(66)} Z`,
      [92, y(44)],
      [96, y(90)],
      coat.main,
    ),
    oval([140, y(72)], 10, 14, coat.pale, 20),
    ...leg([124, y(72)], [128 + swing * 16, y(92)], [140 + swing * 30, y(108) - 8 * swing], 13, coat.main),
    ...leg([66, y(70)], [60 - swing * 16, y(90)], [50 - swing * 26, y(108)], 15, coat.main),
    oval([rump[0], y(66)], 17, 15, coat.main),
    limb(shoulder, [156, y(38)], 28, 20, coat.main),
    oval([162, y(34)], 14, 12, coat.main, 10),
    shaded(
      `M166,${y(26)} C176,${y(26)} 190,${y(34)} 193,${y(38)} C194,${y(43)} 188,${y(45)} 180,${y(45)} C172,${y(46)} 164,${y(44)} 164,${y(38)} Z`,
      [176, y(26)],
      [178, y(46)],
      coat.main,
    ),
    oval([180, y(42)], 8, 2.6, coat.pale, 6),
    shaded(
      `M170,${y(44)} C176,${y(46)} 180,${y(50)} 178,${y(56)} C173,${y(57)} 170,${y(50)} 168,${y(45)} Z`,
      [170, y(44)],
      [178, y(57)],
      '#d8707a',
    ),
    oval([191.5, y(37)], 3, 2.6, '#1c1614'),
    oval([170, y(31)], 1.9, 1.9, '#140f0c'),
    line(
      [
        [178, y(44)],
        [186, y(43)],
      ],
      0.9,
      '#2a1c16',
    ),
    shaded(
      `M158,${y(24)} C148,${y(22)} 140,${y(34)} 144,${y(48)} C150,${y(50)} 158,${y(42)} 162,${y(30)} Z`,
      [150, y(22)],
      [152, y(50)],
      darker(coat.main),
    ),
  ];
}

function leg(top: Point, knee: Point, paw: Point, width: number, colour: string): string[] {
  return [
    limb(top, knee, width * 1.25, width * 0.62, colour),
    limb(knee, paw, width * 0.62, width * 0.44, colour),
    oval([paw[0] + 2, paw[1]], width * 0.4, width * 0.26, colour),
  ];
}

function darker(colour: string): string {
  const channel = (from: number) =>
    Math.round(Number.parseInt(colour.slice(from, from + 2), 16) * 0.72)
      .toString(16)
      .padStart(2, '0');
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
