import { clock, counted } from '../format.ts';
import { each, html, type Markup } from './html.ts';
import { type ChapterView, chapterViews, position, type View } from './view.ts';

const WIDTH = 1000;
/** More shots than this are drawn as a texture: none could be told from the next. */
const MOST_LINKED_SHOTS = 400;

/**
 * The video from left to right: chapters above, shots below, a dot for each keyframe. A drawing for the eye; all that
 * it says is in the lists below, so it is one picture to a screen reader.
 */
export function timeline(view: View): Markup {
  const { result } = view;
  const chapters = chapterViews(view);
  const label = `Timeline: ${counted(chapters.length, 'chapter')}, ${counted(result.shots.length, 'shot')}, ${counted(result.keyframes.length, 'keyframe')}`;
  return html`<section class="timeline" aria-labelledby="timeline-title">
<h2 id="timeline-title">The course of it</h2>
<p class="hidden">${label}. The chapters and shots are listed below.</p>
<div class="track" aria-hidden="true">
<div class="lane">${chapters.map((chapter) => chapterBar(chapter, view))}</div>
<svg viewBox="0 0 ${WIDTH} 44" preserveAspectRatio="none" class="shots" focusable="false">${chapters.map((chapter) => shotBars(chapter, view))}</svg>
<div class="axis">${ticks(result.video.durationMs).map(
    (ms) => html`<span style="left:${position(ms, result.video.durationMs)}">${clock(ms)}</span>`,
  )}</div>
</div>
</section>`;
}

function chapterBar({ chapter, hue }: ChapterView, { result }: View): Markup {
  const { durationMs } = result.video;
  const width = position(chapter.endMs - chapter.startMs, durationMs);
  return html`<a class="bar h${hue}" tabindex="-1" href="#${chapter.id}" title="${chapter.title}" style="width:${width}"><span>${chapter.title}</span></a>`;
}

function shotBars({ hue, shots }: ChapterView, { result }: View): Markup {
  const { durationMs } = result.video;
  const linked = result.shots.length <= MOST_LINKED_SHOTS;
  const x = (ms: number) => Math.round((durationMs > 0 ? ms / durationMs : 0) * WIDTH * 100) / 100;
  return html`<g class="h${hue}">${each(shots.entries(), ([index, { shot, scenes, caption }]) => {
    const width = Math.max(x(shot.endMs) - x(shot.startMs) - (linked ? 1 : 0), 0.4);
    const bar = html`<rect x="${x(shot.startMs)}" y="0" width="${Math.round(width * 100) / 100}" height="30" class="${index % 2 === 0 ? 'even' : 'odd'}"/>`;
    if (!linked) return bar;
    const marks = scenes.map(
      ({ keyframe }) => html`<rect class="mark" x="${x(keyframe.timeMs) - 0.75}" y="34" width="1.5" height="8"/>`,
    );
    const title = `${clock(shot.startMs)} – ${clock(shot.endMs)}${caption === null ? '' : `: ${caption.text}`}`;
    return html`<a href="#${shot.id}" tabindex="-1">${bar}<title>${title}</title></a>${marks}`;
  })}</g>`;
}

/** Round times, at most seven, from the start. */
function ticks(durationMs: number): readonly number[] {
  const step = STEPS_S.map((seconds) => seconds * 1000).find((ms) => durationMs / ms <= 6) ?? 7_200_000;
  const count = Math.floor(durationMs / step);
  const all = Array.from({ length: count + 1 }, (_, index) => index * step);
  // One too close to the right edge would stick out of the page.
  return all.filter((ms) => ms === 0 || ms < durationMs * 0.9);
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
