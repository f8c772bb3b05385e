import sharp from 'sharp';
import type { Result } from '../domain/result.ts';
import { type Scene, scenesOf } from '../domain/scene.ts';
import { evenly } from './evenly.ts';
import type { SmallPictures } from './small-pictures.ts';
import { webVtt } from './webvtt.ts';

const TILE_WIDTH = 160;
const TALLEST_TILE = 320;
const COLUMNS = 10;
const MOST_TILES = 200;
const CHANNELS = 3;

/** A sprite of the keyframes, and the WebVTT file that says when each tile (`#xywh`) is the one to show. */
export interface Storyboard {
  readonly jpeg: Buffer;
  readonly vtt: string;
}

/**
 * Draws the storyboard, 160 px a tile, ten in a row. Of more than 200 keyframes it takes 200, evenly; the sprite is at
 * most 200 tiles in memory, whatever the video's length. Null where there is no keyframe.
 */
export async function storyboard(
  { video, shots, keyframes }: Pick<Result, 'video' | 'shots' | 'keyframes'>,
  pictures: SmallPictures,
): Promise<Storyboard | null> {
  const scenes = evenly(scenesOf(shots, keyframes), MOST_TILES);
  if (scenes.length === 0) return null;
  const height = Math.round((TILE_WIDTH * video.displayHeight) / video.displayWidth);
  const tile = { width: TILE_WIDTH, height: Math.min(Math.max(height, 2), TALLEST_TILE) };
  const columns = Math.min(COLUMNS, scenes.length);
  const rows = Math.ceil(scenes.length / columns);
  const sprite = { width: columns * tile.width, height: rows * tile.height };
  const pixels = Buffer.alloc(sprite.width * sprite.height * CHANNELS);
  for (const [index, { keyframe }] of scenes.entries()) {
    const picture = await (await pictures.read(keyframe))
      .open()
      .resize(tile.width, tile.height, { fit: 'contain', background: '#000' })
      .raw()
      .toBuffer();
    copyTile(picture, pixels, tile, sprite.width, placeOf(index, columns, tile));
  }
  const jpeg = await sharp(pixels, { raw: { ...sprite, channels: CHANNELS } })
    .jpeg({ quality: 75 })
    .toBuffer();
  return { jpeg, vtt: tileCues(scenes, video.durationMs, columns, tile) };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function tileCues(scenes: readonly Scene[], durationMs: number, columns: number, tile: Size): string {
  return webVtt(
    scenes.map(({ keyframe, startMs }, index) => {
      const { x, y } = placeOf(index, columns, tile);
      return {
        id: keyframe.id,
        startMs: index === 0 ? 0 : startMs,
        endMs: scenes[index + 1]?.startMs ?? durationMs,
        payload: `storyboard.jpg#xywh=${x},${y},${tile.width},${tile.height}`,
      };
    }),
  );
}

function placeOf(index: number, columns: number, tile: Size) {
  return { x: (index % columns) * tile.width, y: Math.floor(index / columns) * tile.height };
}

function copyTile(tilePixels: Buffer, pixels: Buffer, tile: Size, spriteWidth: number, at: { x: number; y: number }) {
  const rowBytes = tile.width * CHANNELS;
  for (let row = 0; row < tile.height; row += 1) {
    const target = ((at.y + row) * spriteWidth + at.x) * CHANNELS;
    tilePixels.copy(pixels, target, row * rowBytes, (row + 1) * rowBytes);
  }
}
