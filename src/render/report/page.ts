import type { Result } from '../../domain/result.ts';
import type { Pieces } from '../../text/pieces.ts';
import { counted, duration, fileSize, framesPerSecond } from '../format.ts';
import type { SmallPictures } from '../small-pictures.ts';
import { chapterSection } from './chapters.ts';
import { html, Markup } from './html.ts';
import { provenanceSection } from './provenance.ts';
import { shotSections } from './shots.ts';
import { STYLE } from './style.ts';
import { stripSection, summarySection } from './summary.ts';
import { tagSection } from './tags.ts';
import { thumbnails } from './thumbnails.ts';
import { timeline } from './timeline.ts';
import { type View, viewOf } from './view.ts';

/**
 * The report: one page that needs nothing but itself. No script, no outside request (its Content-Security-Policy allows
 * none), everything that came from outside escaped.
 */
export async function reportPage(result: Result, pictures: SmallPictures): Promise<Pieces> {
  const view = viewOf(result, await thumbnails(result, pictures));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${result.video.source} – described by Framescribe</title>
<style>${new Markup([STYLE])}</style>
</head>
<body>
<a class="skip" href="#summary">Skip to the summary</a>
${header(view)}
<main>
${summarySection(view)}
${timeline(view)}
${chapterSection(view)}
${tagSection(view)}
${stripSection(view)}
${shotSections(view)}
${provenanceSection(view)}
</main>
<footer class="foot">Made by Framescribe from the file’s own frames. Nothing on this page is loaded from anywhere else.</footer>
</body>
</html>
`.encode();
}

function header({ result }: View): Markup {
  const { video, shots, keyframes, model } = result;
  const rate = framesPerSecond(video.frameRate);
  const facts = [
    duration(video.durationMs),
    `${video.displayWidth} × ${video.displayHeight}`,
    video.codec.toUpperCase(),
    rate === null ? null : `${rate} fps${video.variableFrameRate ? ', variable' : ''}`,
    video.hdr ? 'HDR' : null,
    fileSize(video.bytes),
    counted(shots.length, 'shot'),
    counted(keyframes.length, 'keyframe'),
  ].filter((fact) => fact !== null);
  return html`<header class="head">
<p class="brand"><span aria-hidden="true"></span>Framescribe</p>
<h1><bdi>${video.source}</bdi></h1>
<ul class="facts" aria-label="Facts of the video">${facts.map((fact) => html`<li>${fact}</li>`)}</ul>
<p class="model">Described by <bdi>${model.name}</bdi> ${model.version}, a CNN with ${ARTICLE[model.cell]} decoder <span class="quiet">(licence of the model: ${model.licence})</span></p>
</header>`;
}

const ARTICLE = { lstm: 'an LSTM', gru: 'a GRU', rnn: 'an RNN' } as const;
