import type { Caption, Keyframe } from '../../domain/result.ts';
import type { Scene } from '../../domain/scene.ts';
import { clock, percent } from '../format.ts';
import type { CaptionedShot } from '../shot-caption.ts';
import { each, html, type Markup } from './html.ts';
import { byPerson, chapterViews, type View } from './view.ts';

/** From so many shots on, the browser lays out only those in sight. */
const MANY_SHOTS = 80;

/** All keyframes with their captions, shot by shot, chapter by chapter. */
export function shotSections(view: View): Markup {
  const chapters = chapterViews(view);
  return html`<section class="all${view.shots.length > MANY_SHOTS ? ' long' : ''}" aria-labelledby="all-title">
<h2 id="all-title">Frame by frame</h2>
${legend()}
${chapters.map(
  ({
    chapter,
    hue,
    shots,
  }) => html`<section class="chapter h${hue}" id="${chapter.id}" aria-labelledby="${chapter.id}-title">
<h3 id="${chapter.id}-title"><span class="when">${clock(chapter.startMs)}</span> ${chapter.title}${byPerson(chapter)}</h3>
${each(shots, (shot) => shotItem(shot, view))}
</section>`,
)}
</section>`;
}

function legend(): Markup {
  return html`<p class="legend"><span>How sure the model was of a word:</span>
${LEVELS.map(({ name, says }) => html`<span><mark class="${name}">${says}</mark></span>`)}</p>`;
}

/** How sure the model was of a word, by its probability. */
const LEVELS = [
  { name: 'w0', says: 'sure', atLeast: 0.6 },
  { name: 'w1', says: 'likely', atLeast: 0.3 },
  { name: 'w2', says: 'one of several', atLeast: 0.1 },
  { name: 'w3', says: 'a guess', atLeast: 0 },
] as const;

function shotItem({ shot, scenes }: CaptionedShot, view: View): Markup {
  const entrance = { start: 'the video starts', cut: 'cut', fade: 'fade', dissolve: 'dissolve' }[shot.transition];
  return html`<section class="shot" id="${shot.id}" aria-label="Shot ${shot.id}">
<p class="shotline"><span class="when">${clock(shot.startMs)} – ${clock(shot.endMs)}</span> <span class="quiet">shot ${shot.id.slice(1).replace(/^0+/, '')}, ${entrance}</span></p>
${scenes.length === 0 ? html`<p class="quiet">No frame of it is clear enough to caption.</p>` : null}
${scenes.map((scene) => frameItem(scene, view))}
</section>`;
}

function frameItem({ keyframe, captions }: Scene, view: View): Markup {
  const [best, ...others] = captions;
  return html`<article class="frame" id="${keyframe.id}" aria-label="Keyframe ${keyframe.id} at ${clock(keyframe.timeMs)}">
${picture(keyframe, best, view)}
<div>
${best === undefined ? html`<p class="quiet">It has no caption.</p>` : html`<p class="caption">${shaded(best)}</p>`}
<p class="meter">${best === undefined ? null : howSure(best)}<a class="id" href="#${keyframe.id}">${clock(keyframe.timeMs)}, ${keyframe.id}</a></p>
${keyframe.sameAs === undefined ? null : html`<p class="same">Looks the same as <a href="#${keyframe.sameAs}">the frame at ${clock(view.keyframes.get(keyframe.sameAs)?.timeMs ?? 0)}</a>, and shares its captions.</p>`}
${keyframe.sameAs === undefined && others.length > 0 ? otherCaptions(others) : null}
</div>
</article>`;
}

function picture({ id, image, timeMs, width, height }: Keyframe, best: Caption | undefined, view: View): Markup {
  const source = view.thumbnails.large.get(id);
  if (source === undefined) return html`<p class="linked"><a href="${image}">Picture at ${clock(timeMs)}</a></p>`;
  const alt = best === undefined ? `Frame at ${clock(timeMs)}` : `Frame at ${clock(timeMs)}: ${best.text}`;
  return html`<img src="${source}" width="${width}" height="${height}" alt="${alt}" decoding="async">`;
}

function howSure(caption: Caption): Markup | null {
  if (caption.edit !== undefined) return byPerson(caption);
  const unsure = caption.tokens.filter(
    ({ word, logProbability }) => !SMALL_WORDS.has(word) && levelOf(logProbability) !== 'w0',
  );
  const spoken = unsure.map(({ word, logProbability }) => `${word} ${percent(Math.exp(logProbability))}`).join(', ');
  return html`<span class="gauge" aria-hidden="true"><i style="width:${percent(caption.confidence)}"></i></span>
<span>${percent(caption.confidence)} sure${spoken === '' ? null : html`<span class="hidden">. Words it was less sure of: ${spoken}.</span>`}</span>
${caption.uncertain ? html`<strong class="badge">uncertain</strong>` : null}`;
}

function shaded({ text, tokens }: Caption): Markup | readonly Markup[] {
  if (tokens.length === 0) return html`${text}`;
  return tokens.map(
    ({ word, logProbability }) =>
      html`<mark class="${SMALL_WORDS.has(word) ? 'w0' : levelOf(logProbability)}" title="${percent(Math.exp(logProbability))} sure">${word}</mark> `,
  );
}

/** How sure the model was of these says how else it might have put it, not what else it might have seen. */
const SMALL_WORDS = new Set(
  'a an the and or of in on at to with by for from into is are was were be being been has have there it its'.split(' '),
);

function levelOf(logProbability: number): string {
  const probability = Math.exp(logProbability);
  return (LEVELS.find(({ atLeast }) => probability >= atLeast) ?? LEVELS[3]).name;
}

function otherCaptions(captions: readonly Caption[]): Markup {
  return html`<details><summary>Other readings</summary><ol>${captions.map(
    ({ text, confidence, uncertain }) =>
      html`<li>${text} <span class="quiet">${percent(confidence)} sure${uncertain ? ', uncertain' : null}</span></li>`,
  )}</ol></details>`;
}
