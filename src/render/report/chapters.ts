import { clock, counted, duration } from '../format.ts';
import { html, type Markup } from './html.ts';
import { chapterViews, type View } from './view.ts';

/** A card for each chapter, with the picture of its middle. One chapter alone needs no list. */
export function chapterSection(view: View): Markup | null {
  const chapters = chapterViews(view);
  if (chapters.length < 2) return null;
  return html`<section class="chapters" aria-labelledby="chapters-title">
<h2 id="chapters-title">Chapters</h2>
<ol>${chapters.map(({ chapter, hue, shots }) => {
    const ids = shots.flatMap(({ scenes }) => scenes.map(({ keyframe }) => keyframe.id));
    const pictured = ids.filter((id) => view.thumbnails.large.has(id));
    const picture = view.thumbnails.large.get(pictured[pictured.length >> 1] ?? '');
    return html`<li class="h${hue}"><a href="#${chapter.id}">
${picture === undefined ? html`<span class="blank"></span>` : html`<img src="${picture}" alt="">`}
<span class="when">${clock(chapter.startMs)} – ${clock(chapter.endMs)}</span>
<strong>${chapter.title}</strong>
<span class="quiet">${duration(chapter.endMs - chapter.startMs)}, ${counted(shots.length, 'shot')}</span>
</a></li>`;
  })}</ol>
</section>`;
}
