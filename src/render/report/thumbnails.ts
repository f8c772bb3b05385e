import sharp from 'sharp';
import type { Result } from '../../domain/result.ts';
import { evenly } from '../evenly.ts';
import type { Pictures } from '../render.ts';

/** Pictures of the page, as data URIs, by keyframe id. A keyframe that the page has no room for is in neither. */
export interface Thumbnails {
  /** For the list of keyframes, the sentences and the chapters. */
  readonly large: ReadonlyMap<string, string>;
  /** For the strip: evenly chosen, in order of time. */
  readonly strip: ReadonlyMap<string, string>;
}

const STRIP = { most: 48, width: 200, height: 200, quality: 62 };

/** What a page of so many keyframes shows: it stays below 15 MB however long the video is. */
const SIZES = [
  { upTo: 300, width: 360, quality: 72, most: 300 },
  { upTo: 1000, width: 224, quality: 60, most: 1000 },
  { upTo: Number.POSITIVE_INFINITY, width: 192, quality: 55, most: 1000 },
];

/** Makes the thumbnails, one picture at a time. Keyframes behind the summary always have one. */
export async function thumbnails({ keyframes, summary }: Result, pictures: Pictures): Promise<Thumbnails> {
  const ids = keyframes.map(({ id }) => id);
  const size = SIZES.find(({ upTo }) => ids.length <= upTo) ?? SIZES[0];
  const wanted = new Set([
    ...evenly(ids, size?.most ?? 0),
    ...summary.sentences.flatMap((one) => one.keyframes.slice(0, 4)),
  ]);
  const inStrip = new Set(evenly(ids, STRIP.most));
  const large = new Map<string, string>();
  const strip = new Map<string, string>();
  for (const id of ids) {
    if (!wanted.has(id) && !inStrip.has(id)) continue;
    const jpeg = await pictures.read(id);
    if (wanted.has(id))
      large.set(id, await dataUri(jpeg, size?.width ?? 0, (size?.width ?? 0) * 1.25, size?.quality ?? 0));
    if (inStrip.has(id)) strip.set(id, await dataUri(jpeg, STRIP.width, STRIP.height, STRIP.quality));
  }
  return { large, strip };
}

async function dataUri(jpeg: Buffer, width: number, height: number, quality: number): Promise<string> {
  const thumbnail = await sharp(jpeg)
    .resize(width, Math.round(height), { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality })
    .toBuffer();
  return `data:image/jpeg;base64,${thumbnail.toString('base64')}`;
}
