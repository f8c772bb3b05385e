import type { Result } from '../../domain/result.ts';
import { evenly } from '../evenly.ts';
import { SMALL, type SmallPicture, type SmallPictures } from '../small-pictures.ts';

/** Pictures of the page, as data URIs, by keyframe id. A keyframe that the page has no room for is in neither. */
export interface Thumbnails {
  /** For the list of keyframes, the sentences and the chapters. */
  readonly large: ReadonlyMap<string, string>;
  /** For the strip: evenly chosen, in order of time. */
  readonly strip: ReadonlyMap<string, string>;
}

const STRIP = { most: 48, width: 200, height: 200, quality: 62 };

/**
 * What a page of so many keyframes shows. The bytes are those of the page's text that the pictures may take: with the
 * rest, it stays below 15 MB up to 4,000 keyframes; more than that are text alone, 1.2 kB each.
 */
const SIZES = [
  { upTo: 300, width: SMALL.width, quality: 72, bytes: 11e6 },
  { upTo: 1000, width: 224, quality: 60, bytes: 9e6 },
  { upTo: Number.POSITIVE_INFINITY, width: 192, quality: 55, bytes: 4.5e6 },
] as const;

const MOST_PICTURES = 1000;
const BEHIND_A_SENTENCE = 6;

/**
 * Makes the thumbnails, one picture at a time. Keyframes behind the summary have one before any other. A picture that is
 * small as it is, and takes no more than its share of the room, is shown as it is.
 */
export async function thumbnails({ keyframes, summary }: Result, pictures: SmallPictures): Promise<Thumbnails> {
  const ids = keyframes.map(({ id }) => id);
  const { upTo, width, quality, bytes } = SIZES.find((size) => ids.length <= size.upTo) ?? SIZES[2];
  const size = { width, height: Math.round(width * 1.25), quality };
  const told = new Set(summary.sentences.flatMap((sentence) => evenly(sentence.keyframes, BEHIND_A_SENTENCE)));
  const wanted = new Set([...told, ...evenly(ids, MOST_PICTURES)]);
  const inStrip = new Set(evenly(ids, STRIP.most));
  const large = new Map<string, string>();
  const strip = new Map<string, string>();
  for (const keyframe of keyframes) {
    const { id } = keyframe;
    if (!wanted.has(id)) continue;
    const picture = await pictures.read(keyframe);
    const own = picture.jpeg && dataUri(picture.jpeg);
    large.set(id, own && own.length <= bytes / upTo ? own : await thumbnail(picture, size));
    if (inStrip.has(id)) strip.set(id, await thumbnail(picture, STRIP));
  }
  return { large: withinBytes(large, told, bytes), strip };
}

/** All of them where they fit; else those that are told of, and of the others as many as fit, evenly. */
function withinBytes(
  all: ReadonlyMap<string, string>,
  told: ReadonlySet<string>,
  bytes: number,
): ReadonlyMap<string, string> {
  const total = [...all.values()].reduce((sum, { length }) => sum + length, 0);
  if (total <= bytes) return all;
  const others = [...all.keys()].filter((id) => !told.has(id));
  const kept = new Set([...told, ...evenly(others, Math.floor((others.length * bytes) / total))]);
  return new Map([...all].filter(([id]) => kept.has(id)));
}

async function thumbnail(
  picture: SmallPicture,
  { width, height, quality }: { readonly width: number; readonly height: number; readonly quality: number },
): Promise<string> {
  const jpeg = await picture
    .open()
    .resize(width, height, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality })
    .toBuffer();
  return dataUri(jpeg);
}

function dataUri(jpeg: Buffer): string {
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}
