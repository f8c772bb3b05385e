import type { Tag } from '../../domain/result.ts';
import { clock, percent } from '../format.ts';
import { html, type Markup } from './html.ts';
import { byPerson, position, type View } from './view.ts';

const MOST_TIMES = 4;

/** Things and actions, each with a bar that shows when it's seen. */
export function tagSection({ result }: View): Markup | null {
  if (result.tags.length === 0) return null;
  return html`<section class="tags" aria-labelledby="tags-title">
<h2 id="tags-title">Things and actions</h2>
<ul>${result.tags.map((tag) => tagItem(tag, result.video.durationMs))}</ul>
</section>`;
}

function tagItem(tag: Tag, durationMs: number): Markup {
  const { name, confidence, instances } = tag;
  const times = instances.slice(0, MOST_TIMES).map(({ startMs, endMs }) => `${clock(startMs)} – ${clock(endMs)}`);
  const more = instances.length - times.length;
  const spoken = `${times.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return html`<li><span class="name">${name}${byPerson(tag)}</span>
<span class="span" aria-hidden="true" title="${spoken}">${visible(instances, durationMs).map(
    ({ startMs, endMs }) =>
      html`<i style="left:${position(startMs, durationMs)};width:${position(endMs - startMs, durationMs)}"></i>`,
  )}</span>
<span class="sure">${percent(confidence)}<span class="hidden"> sure, seen at ${spoken}</span></span></li>`;
}

/** Times that lie closer than a pixel are drawn as one. */
function visible(instances: Tag['instances'], durationMs: number): Tag['instances'] {
  const drawn: Tag['instances'] = [];
  for (const { startMs, endMs } of instances) {
    const last = drawn.at(-1);
    if (last !== undefined && startMs - last.endMs < durationMs / 300) last.endMs = endMs;
    else drawn.push({ startMs, endMs });
  }
  return drawn;
}
