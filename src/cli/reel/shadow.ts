import { drawing } from './figure.ts';
import { blur, type Picture, rasterise } from './picture.ts';

/** A soft dark oval on the ground, on an otherwise clear picture; places are shares of its size. */
export async function groundShadow(
  width: number,
  height: number,
  { x, y, wide, dark }: { x: number; y: number; wide: number; dark: number },
): Promise<Picture> {
  const oval = `<ellipse cx="${x * width}" cy="${y * height}" rx="${wide * width}" ry="${height * 0.035}" fill="#0a1208" fill-opacity="${dark}"/>`;
  return blur(await rasterise(drawing(width, height, [oval])), height * 0.015);
}
