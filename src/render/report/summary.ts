import type { Sentence } from '../../domain/result.ts';
import { evenly } from '../evenly.ts';
import { clock } from '../format.ts';
import { html, type Markup } from './html.ts';
import { byPerson, type View } from './view.ts';

const MOST_PICTURES = 3;
const MOST_LINKS = 8;

/** The summary as a picture story: each sentence beside the frames that it came from. */
export function summarySection(view: View): Markup {
  const { summary } = view.result;
  return html`<section class="summary" id="summary" aria-labelledby="summary-title" tabindex="-1">
<h2 id="summary-title">What happens</h2>
${
  summary.sentences.length === 0
    ? html`<p class="lead">${summary.text}</p><p class="quiet">The model was unsure of every caption. They’re listed below, marked as uncertain.</p>`
    : html`<ol class="story">${summary.sentences.map((sentence) => sentenceItem(sentence, view))}</ol>
<p class="quiet note">Each sentence is a caption that the model wrote for the frames beside it, less the colours and sizes that it was unsure of. Captions that it was unsure of as a whole say nothing here.${view.result.edited === undefined ? null : ' People have corrected it since.'}</p>`
}
</section>`;
}

function sentenceItem(sentence: Sentence, view: View): Markup {
  const { text, keyframes } = sentence;
  const known = keyframes.flatMap((id) => view.keyframes.get(id) ?? []);
  const distinct = known.filter(({ sameAs }) => sameAs === undefined || !keyframes.includes(sameAs));
  const pictures = evenly(
    distinct.filter(({ id }) => view.thumbnails.large.has(id)),
    MOST_PICTURES,
  );
  const links = evenly(known, MOST_LINKS);
  const more = known.length - links.length;
  return html`<li>
<div class="stack n${pictures.length}" aria-hidden="true">${pictures.map(
    ({ id }) => html`<a href="#${id}" tabindex="-1"><img src="${view.thumbnails.large.get(id) ?? ''}" alt=""></a>`,
  )}</div>
<div><p class="sentence"><a href="#${known[0]?.id ?? ''}">${text}</a>${byPerson(sentence)}</p>
<p class="frames"><span class="quiet">Seen at</span> ${links.map(
    ({ id, timeMs }) => html`<a href="#${id}" aria-label="${clock(timeMs)}, keyframe ${id}">${clock(timeMs)}</a> `,
  )}${more > 0 ? html`<span class="quiet">and ${more} more</span>` : null}</p></div>
</li>`;
}

/** Frames of the whole video side by side, to glance over. */
export function stripSection({ thumbnails, keyframes }: View): Markup | null {
  if (thumbnails.strip.size < 3) return null;
  return html`<section class="strip" aria-labelledby="strip-title">
<h2 id="strip-title">At a glance</h2>
<div class="reel" role="group" aria-labelledby="strip-title" tabindex="0"><ol>${[...thumbnails.strip].map(
    ([id, picture]) => {
      const time = clock(keyframes.get(id)?.timeMs ?? 0);
      return html`<li><a href="#${id}"><img src="${picture}" alt="Frame at ${time}" decoding="async"><span aria-hidden="true">${time}</span></a></li>`;
    },
  )}</ol></div>
</section>`;
}
