import type { Result } from '../domain/result.ts';
import type { Content } from '../text/pieces.ts';
import { shotsCsv } from './csv.ts';
import { summaryMarkdown } from './markdown.ts';
import { reportPage } from './report/page.ts';
import { SmallPictures } from './small-pictures.ts';
import { storyboard } from './storyboard.ts';
import { captionsVtt, chaptersVtt } from './webvtt.ts';

/** Where renderers get the keyframes' pictures from. */
export interface Pictures {
  /** The JPEG of a keyframe. */
  read(keyframeId: string): Promise<Buffer>;
}

/** A file made from a result. */
export interface Artifact {
  readonly name: string;
  readonly contentType: string;
  readonly content: Content;
}

type Renderer = (result: Result, pictures: SmallPictures) => Promise<readonly Artifact[]>;

/** What each format makes. `result.json` is the result itself and no format. */
const RENDERERS = {
  vtt: async (result) => [
    text('captions.vtt', 'text/vtt', captionsVtt(result)),
    text('chapters.vtt', 'text/vtt', chaptersVtt(result.chapters)),
  ],
  md: async (result) => [text('summary.md', 'text/markdown', summaryMarkdown(result))],
  csv: async (result) => [text('shots.csv', 'text/csv', shotsCsv(result))],
  storyboard: async (result, pictures) => {
    const board = await storyboard(result, pictures);
    if (board === null) return [];
    return [
      { name: 'storyboard.jpg', contentType: 'image/jpeg', content: board.jpeg },
      text('storyboard.vtt', 'text/vtt', board.vtt),
    ];
  },
  html: async (result, pictures) => [text('report.html', 'text/html', await reportPage(result, pictures))],
} as const satisfies Record<string, Renderer>;

export type Format = keyof typeof RENDERERS;

/** The names of all formats, in the order in which they're made. */
export const FORMATS = Object.keys(RENDERERS) as readonly Format[];

/** The file by which it's seen that a format was made. What a storyboard shows, nobody corrects. */
const MARKS: Readonly<Record<Exclude<Format, 'storyboard'>, string>> = {
  vtt: 'captions.vtt',
  md: 'summary.md',
  csv: 'shots.csv',
  html: 'report.html',
};

/** The formats that say what people may correct, of those that a result with these files has. */
export function correctableFormats(files: readonly string[]): readonly Format[] {
  return FORMATS.filter((format) => format !== 'storyboard' && files.includes(MARKS[format]));
}

/** Makes the files of the formats, one after the other: one at a time is in memory. Same result, same bytes. */
export async function* renderAll(
  result: Result,
  pictures: Pictures,
  formats: readonly Format[] = FORMATS,
): AsyncGenerator<Artifact> {
  const small = new SmallPictures(pictures);
  for (const format of FORMATS) {
    if (formats.includes(format)) yield* await RENDERERS[format](result, small);
  }
}

function text(name: string, type: string, content: string | Content): Artifact {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { name, contentType: `${type}; charset=utf-8`, content: bytes };
}
