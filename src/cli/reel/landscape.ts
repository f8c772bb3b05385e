import { mix, noise, ridges, step, turbulence } from './noise.ts';
import { blend, type Colour, scale } from './picture.ts';

/** A clear to cloudy sky; `height` is 0 at the horizon and 1 at the top of the picture. */
export function sky(
  x: number,
  height: number,
  look: { top: Colour; horizon: Colour; clouds: number; seed: number },
): Colour {
  const air = blend(look.horizon, look.top, Math.min(1, Math.max(0, height) ** 0.7));
  const depth = 1 / (height + 0.12); // clouds near the horizon are far away
  const cover = turbulence((x - 640) * 0.0016 * depth + 9, depth * 2.2, 6, look.seed);
  const cloud = step(0.72 - look.clouds * 0.35, 0.95 - look.clouds * 0.3, cover);
  const lit = turbulence((x - 640) * 0.0016 * depth + 9.15, depth * 2.2 + 0.2, 4, look.seed);
  return blend(air, scale([250, 250, 252], 0.86 + 0.2 * (cover - lit)), cloud * Math.min(1, height * 6 + 0.2));
}

/** A meadow seen from a person's height; `nearness` is 0 at the horizon and 1 at the lower edge of the picture. */
export function grass(x: number, nearness: number, look: { lush: Colour; dry: Colour; seed: number }): Colour {
  const depth = 1 / (nearness + 0.06);
  const across = (x - 800) * 0.016 * depth ** 0.55; // true perspective would comb the blades into a fan
  const patch = turbulence(across * 0.35, depth * 2, 4, look.seed);
  const blade = turbulence(across * 9, depth * 16, 3, look.seed + 7);
  const tip = noise(across * 34, depth * 22, look.seed + 13);
  const light = 0.5 + 0.55 * blade + 0.35 * (tip - 0.5) * Math.min(1, nearness * 2.5);
  return scale(blend(look.lush, look.dry, step(0.35, 0.75, patch)), light * mix(1.05, 0.9, nearness));
}

/** Snow with soft drifts and blue shade. */
export function snow(x: number, nearness: number, seed: number): Colour {
  const depth = 1 / (nearness + 0.15);
  const across = x * 0.004 * depth ** 0.5;
  const drift = turbulence(across, depth * 1.7, 4, seed);
  const slope = drift - turbulence(across + 0.06, depth * 1.7 + 0.08, 4, seed);
  const grain = noise(x * 0.9, nearness * 700, seed + 3) - 0.5;
  const light = 0.92 + slope * 0.9 + grain * 0.035;
  return scale(blend([205, 218, 240], [252, 252, 255], step(0.2, 0.7, drift + slope)), light);
}

/** Open water; `sun` is the colour of its glitter, strongest below `sunX`. */
export function water(
  x: number,
  nearness: number,
  look: { far: Colour; near: Colour; sun: Colour; sunX: number; glitter: number; seed: number },
): Colour {
  const depth = 1 / (nearness + 0.035);
  const across = (x - 800) * 0.006 * depth;
  const wave = turbulence(across * 0.9, depth * 5.5, 4, look.seed);
  const crest = ridges(across * 1.6 + 3, depth * 9, 3, look.seed + 5);
  const body = scale(blend(look.far, look.near, nearness ** 0.6), 0.72 + wave * 0.56);
  const column = Math.exp(-(((x - look.sunX) / (70 + 330 * nearness)) ** 2));
  const glint = step(0.42, 0.8, crest * 0.75 + wave * 0.3) * (0.12 + column) * look.glitter;
  return blend(body, look.sun, Math.min(1, glint + column * 0.25 * look.glitter));
}

/** The outline of hills or mountains: height above the horizon in pixels at each column. */
export function skyline(x: number, look: { height: number; width: number; rough: number; seed: number }): number {
  const broad = turbulence(x / look.width, 0.5, 2, look.seed);
  const fine = turbulence((x / look.width) * 5, 0.5, 5, look.seed + 1);
  return look.height * (broad * (1 - look.rough) + fine * look.rough);
}

/** The face of a snowy mountain, lit from the left; `height` is 0 at its foot and 1 at the highest top. */
export function mountain(
  x: number,
  y: number,
  height: number,
  look: { snowLine: number; haze: Colour; far: number; seed: number },
): Colour {
  const relief = (at: number) => turbulence(at * 0.008, y * 0.006 + at * 0.002, 6, look.seed);
  const slope = (relief(x + 5) - relief(x - 5)) * 9;
  const cracks = ridges(x * 0.01, y * 0.012, 4, look.seed + 2);
  const cover = step(look.snowLine - 0.15, look.snowLine + 0.15, height + slope * 0.25 + relief(x) * 0.4 - 0.2);
  const rock = scale([104, 98, 96], 0.75 + slope * 0.8 - cracks * 0.15);
  const ice = scale(blend([170, 190, 222], [255, 255, 255], step(-0.5, 0.6, slope)), 0.97);
  return blend(blend(rock, ice, cover), look.haze, look.far);
}

/** A wall of trees: dark trunks' shade below, sunlit leaves above; `height` is 0 at the ground. */
export function forest(x: number, y: number, height: number, look: { leaf: Colour; seed: number }): Colour {
  const crowns = turbulence(x * 0.011, y * 0.013, 3, look.seed);
  const leaves = turbulence(x * 0.07, y * 0.08, 4, look.seed + 4);
  const light = 0.28 + 0.75 * step(0.3, 0.75, crowns) * (0.35 + leaves) + 0.18 * height;
  return scale(blend(look.leaf, [196, 206, 120], step(0.62, 0.85, leaves * 0.6 + crowns * 0.5) * 0.6), light);
}
