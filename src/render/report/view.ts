import type { Chapter, Keyframe, Result } from '../../domain/result.ts';
import { type CaptionedShot, captionedShots } from '../shot-caption.ts';
import { html, type Markup } from './html.ts';
import type { Thumbnails } from './thumbnails.ts';

/** What the sections of the page draw from. */
export interface View {
  readonly result: Result;
  readonly shots: readonly CaptionedShot[];
  readonly keyframes: ReadonlyMap<string, Keyframe>;
  readonly thumbnails: Thumbnails;
}

/** A chapter with its shots. */
export interface ChapterView {
  readonly chapter: Chapter;
  /** 0 to 3, neighbours differ. */
  readonly hue: number;
  readonly shots: readonly CaptionedShot[];
}

export function viewOf(result: Result, thumbnails: Thumbnails): View {
  const keyframes = new Map(result.keyframes.map((keyframe) => [keyframe.id, keyframe]));
  return { result, shots: captionedShots(result), keyframes, thumbnails };
}

export function chapterViews({ result, shots }: View): readonly ChapterView[] {
  const byId = new Map(shots.map((shot) => [shot.shot.id, shot]));
  return result.chapters.map((chapter, index) => ({
    chapter,
    hue: index % 4,
    shots: chapter.shots.flatMap((id) => byId.get(id) ?? []),
  }));
}

/** Beside what somebody has corrected. */
export function byPerson({ edit }: { readonly edit?: string | undefined }): Markup | null {
  return edit === undefined ? null : html` <span class="badge person">by a person</span>`;
}

/** A time as part of the whole, in percent, for positions on the page. */
export function position(ms: number, durationMs: number): string {
  const part = durationMs > 0 ? Math.min(Math.max(ms / durationMs, 0), 1) : 0;
  return `${Math.round(part * 1e5) / 1e3}%`;
}
