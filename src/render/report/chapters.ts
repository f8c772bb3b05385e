import { clock, counted, duration } from '../format.ts';
import type { CaptionedShot } from '../shot-caption.ts';
import { html, type Markup } from './html.ts';
import { chapterViews, type View } from './view.ts';

/** A card for each chapter, with the picture that its title fits best. One chapter alone needs no list. */
export function chapterSection(view: View): Markup | null {
  const chapters = chapterViews(view);
  if (chapters.length < 2) return null;
  return html`<section class="chapters" aria-labelledby="chapters-title">
<h2 id="chapters-title">Chapters</h2>
<ol>${chapters.map(({ chapter, hue, shots }) => {
    const picture = pictureFor(chapter.title, shots, view);
    return html`<li class="h${hue}"><a href="#${chapter.id}">
${picture === undefined ? html`<span class="blank"></span>` : html`<img src="${picture}" alt="">`}
<span class="when">${clock(chapter.startMs)} – ${clock(chapter.endMs)}</span>
<strong>${chapter.title}</strong>
<span class="quiet">${duration(chapter.endMs - chapter.startMs)}, ${counted(shots.length, 'shot')}</span>
</a></li>`;
  })}</ol>
</section>`;
}

/** The first of the pictures whose caption has the most words of the title. */
function pictureFor(title: string, shots: readonly CaptionedShot[], { thumbnails }: View): string | undefined {
  const words = new Set(title.toLowerCase().split(' '));
  let best: { readonly shared: number; readonly picture: string } | undefined;
  for (const { keyframe, captions } of shots.flatMap(({ scenes }) => scenes)) {
    const picture = thumbnails.large.get(keyframe.id);
    const said = new Set(captions[0]?.text.split(' '));
    const shared = [...words].filter((word) => said.has(word)).length;
    if (picture !== undefined && (best === undefined || shared > best.shared)) best = { shared, picture };
  }
  return best?.picture;
}
