/** One picture of the storyboard's sprite, in pixels, and the time that it shows. */
export interface Tile {
  /** Of its keyframe. */
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Storyboard {
  readonly sprite: string;
  readonly tiles: readonly Tile[];
  readonly width: number;
  readonly height: number;
}

const CUE = /^(k\d+)\n([\d:.]+) --> ([\d:.]+)\n\S*#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

/** Reads `storyboard.vtt`; null where no picture is in it. */
export function readStoryboard(vtt: string, sprite: string): Storyboard | null {
  const tiles = [...vtt.matchAll(CUE)].map(([, id = '', start = '', end = '', ...place]) => {
    const [x = 0, y = 0, width = 0, height = 0] = place.map(Number);
    return { id, startMs: milliseconds(start), endMs: milliseconds(end), x, y, width, height };
  });
  if (tiles.length === 0) return null;
  const width = Math.max(...tiles.map((tile) => tile.x + tile.width));
  const height = Math.max(...tiles.map((tile) => tile.y + tile.height));
  return { sprite, tiles, width, height };
}

/** What shows one tile, `width` CSS pixels wide, as an element's background. */
export function tileStyle({ sprite, ...board }: Storyboard, tile: Tile, width: number): Record<string, string> {
  const scale = width / tile.width;
  return {
    width: `${width}px`,
    height: `${Math.round(tile.height * scale)}px`,
    backgroundImage: `url(${JSON.stringify(sprite)})`,
    backgroundSize: `${board.width * scale}px ${board.height * scale}px`,
    backgroundPosition: `${-tile.x * scale}px ${-tile.y * scale}px`,
  };
}

function milliseconds(timestamp: string): number {
  return Math.round(timestamp.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0) * 1000);
}
