import type { Scene } from './film.ts';
import { climber } from './scenes/climber.ts';
import { cyclist } from './scenes/cyclist.ts';
import { dogInSnow, dogOnGrass } from './scenes/dogs.ts';
import { footballers } from './scenes/footballer.ts';
import { hiker } from './scenes/hiker.ts';
import { snowboarder } from './scenes/snowboarder.ts';
import { sunset } from './scenes/sunset.ts';
import { surfer } from './scenes/surfer.ts';

/** The scenes of the sample reel in order, each drawn when it is its turn. */
export const SCRIPT: readonly (() => Promise<Scene>)[] = [
  dogOnGrass,
  footballers,
  cyclist,
  hiker, // fades up from black
  dogInSnow,
  snowboarder,
  climber,
  surfer,
  sunset, // dissolves in, and stays for 24 seconds
];
