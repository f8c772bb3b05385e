import type { Chapter, Result } from '../domain/result.ts';
import { timestamp } from './format.ts';
import { captionedShots } from './shot-caption.ts';

/** One cue a shot, with the caption that speaks for it; “perhaps” goes before one that the model isn't sure of. */
export function captionsVtt(result: Pick<Result, 'shots' | 'keyframes'>): string {
  return webVtt(
    captionedShots(result).flatMap(({ shot, caption }) =>
      caption === null
        ? []
        : [
            {
              ...shot,
              payload: escapeCue(caption.uncertain ? `(perhaps) ${caption.text}` : sentenceCase(caption.text)),
            },
          ],
    ),
  );
}

/** One cue a chapter, for `<track kind="chapters">`. */
export function chaptersVtt(chapters: readonly Chapter[]): string {
  return webVtt(chapters.map((chapter) => ({ ...chapter, payload: escapeCue(chapter.title) })));
}

export interface Cue {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Escaped text, or a line of metadata. */
  readonly payload: string;
}

/** A WebVTT file. Cues of no length are lengthened to a millisecond: the format knows none. */
export function webVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(
    ({ id, startMs, endMs, payload }) =>
      `${id}\n${timestamp(startMs)} --> ${timestamp(Math.max(endMs, startMs + 1))}\n${payload}\n`,
  );
  return ['WEBVTT\n', ...blocks].join('\n');
}

/** Text for a cue: one line, with `&`, `<` and `>` as entities, so that neither a tag nor `-->` can stand in it. */
export function escapeCue(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
