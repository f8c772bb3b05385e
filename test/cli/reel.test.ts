import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILM, film, type Scene } from '../../src/cli/reel/film.ts';
import { paint } from '../../src/cli/reel/picture.ts';
import { drawReel } from '../../src/cli/reel/reel.ts';
import { SCRIPT } from '../../src/cli/reel/script.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framescribe-reel-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('film', () => {
  it('cuts from one frame to the next', async () => {
    const lumas = await lumasOf([grey(100, 'cut'), grey(200, 'cut')]);
    expect(lumas).toHaveLength(48);
    expect(lumas[23]).toBe(lumaOf(100));
    expect(lumas[24]).toBe(lumaOf(200));
  });

  it('fades through black', async () => {
    const lumas = await lumasOf([grey(120, 'cut'), grey(120, 'fade', 2)]);
    expect(lumas).toHaveLength(72);
    expect(Math.min(...lumas)).toBeLessThan(24);
    expect(lumas.slice(24, 40)).toEqual([...lumas.slice(24, 40)].sort((a, b) => a - b));
  });

  it('dissolves: both scenes overlap for a second, one growing out of the other', async () => {
    const lumas = await lumasOf([grey(40, 'cut', 2), grey(220, 'dissolve', 2)]);
    expect(lumas).toHaveLength(96 - 24);
    const during = lumas.slice(24, 48);
    expect(during).toEqual([...during].sort((a, b) => a - b));
    expect(during[11]).toBeGreaterThan(lumaOf(110));
    expect(during[11]).toBeLessThan(lumaOf(150));
  });

  it('moves the camera over the scenery by parts of a pixel', async () => {
    const slope = paint(FILM.width + 4, FILM.height, (x) => (x % 2 === 0 ? [0, 0, 0] : [255, 255, 255]));
    const scene: Scene = { seconds: 1, begins: 'cut', scenery: slope, camera: () => 0.5, actors: [] };
    const [first] = await lumasOf([scene]);
    expect(first).toBe(126);
  });
});

describe('the sample reel', () => {
  it('has a fade, a dissolve and a shot of more than 20 seconds, drawn the same every time', async () => {
    const [first, again] = [await SCRIPT[0]?.(), await SCRIPT[0]?.()];
    expect(hashOf(first)).toBe(hashOf(again));
    const last = await SCRIPT.at(-1)?.();
    expect(last).toMatchObject({ begins: 'dissolve' });
    expect(last?.seconds).toBeGreaterThan(20);
  });

  it('leaves no file when it is stopped', async () => {
    const stopped = new AbortController();
    setTimeout(() => stopped.abort(), 300);
    const drawing = drawReel(join(folder, 'reel.mp4'), { ffmpeg: 'ffmpeg', signal: stopped.signal });
    await expect(drawing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says so when there is no FFmpeg', async () => {
    const { signal } = new AbortController();
    const drawing = drawReel(join(folder, 'reel.mp4'), { ffmpeg: '/nowhere/ffmpeg', signal });
    await expect(drawing).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
  });
});

function grey(level: number, begins: Scene['begins'], seconds = 1): Scene {
  const scenery = paint(FILM.width, FILM.height, () => [level, level, level]);
  return { seconds, begins, scenery, camera: () => 0, actors: [] };
}

/** The luma of each frame at its first pixel. */
async function lumasOf(scenes: readonly Scene[]): Promise<number[]> {
  const lumas: number[] = [];
  for await (const frame of film(inTurn(scenes))) lumas.push(frame.bytes[0] as number);
  return lumas;
}

async function* inTurn(scenes: readonly Scene[]) {
  yield* scenes;
}

function hashOf(scene: Scene | undefined): string {
  const hash = createHash('sha256').update(scene?.scenery.rgba ?? '');
  for (const { pictures } of scene?.actors ?? []) for (const { rgba } of pictures) hash.update(rgba);
  return hash.digest('hex');
}

function lumaOf(level: number): number {
  return Math.round(16 + 0.8588 * level);
}
