import { type Coat, runningDog } from '../dog.ts';
import { drawing } from '../figure.ts';
import type { Scene } from '../film.ts';
import { forest, grass, snow } from '../landscape.ts';
import { blur, overlay, type Picture, paint, rasterise, roughen, scale } from '../picture.ts';
import { groundShadow } from '../shadow.ts';

const STRIDE = [0, 0.17, 0.33, 0.5, 0.67, 0.83];

/** A brown dog that runs through a meadow. */
export async function dogOnGrass(): Promise<Scene> {
  const horizon = 210;
  const meadow = paint(1640, 720, (x, y) =>
    y < horizon
      ? forest(x, y, (horizon - y) / horizon, { leaf: [74, 112, 52], seed: 4 })
      : grass(x, (y - horizon) / (720 - horizon), { lush: [104, 152, 58], dry: [166, 172, 88], seed: 1 }),
  );
  return {
    seconds: 6,
    begins: 'cut',
    scenery: await blur(meadow, 1.6),
    camera: (seconds) => 20 + seconds * 48,
    actors: [
      {
        pictures: await dog({ main: '#9a6234', pale: '#d9bd92' }, 31, 760),
        picturesPerSecond: 11,
        at: (seconds) => [190 + seconds * 82, 150],
      },
    ],
  };
}

/** A black dog that runs through deep snow. */
export async function dogInSnow(): Promise<Scene> {
  const horizon = 170;
  const field = paint(1640, 720, (x, y) =>
    y < horizon
      ? scale(forest(x, y * 0.6, 0.7, { leaf: [150, 158, 164], seed: 14 }), 0.95)
      : snow(x, (y - horizon) / (720 - horizon), 21),
  );
  return {
    seconds: 5,
    begins: 'cut',
    scenery: await blur(field, 1.6),
    camera: (seconds) => 30 + seconds * 48,
    actors: [
      {
        pictures: await dog({ main: '#332c2a', pale: '#4b4240' }, 37, 700),
        picturesPerSecond: 11,
        at: (seconds) => [230 + seconds * 84, 190],
      },
    ],
  };
}

function dog(coat: Coat, seed: number, width: number): Promise<Picture[]> {
  const height = Math.round((width * 130) / 200);
  return Promise.all(
    STRIDE.map(async (phase) => {
      const body = await rasterise(drawing(width, height, runningDog(phase, coat), 200));
      const coated = await blur(roughen(body, { ragged: 3.2, grain: 0.62, seed }), 0.8);
      return overlay(await groundShadow(width, height, { x: 0.47, y: 0.9, wide: 0.36, dark: 0.45 }), coated, 0, 0);
    }),
  );
}
