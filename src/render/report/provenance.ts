import type { ScanPlan } from '../../domain/scan-plan.ts';
import { html, type Markup } from './html.ts';
import type { View } from './view.ts';

/** Warnings, and what lets somebody check where all of this came from. */
export function provenanceSection({ result }: View): Markup {
  const { video, model, options, scan, warnings } = result;
  const facts = [
    ['Video', `${video.container}, ${video.codec}, ${video.pixelFormat}, ${video.width} × ${video.height}`],
    ['SHA-256 of the video', video.sha256],
    ['Model', `${model.name} ${model.version}, ${model.licence}`],
    ['Digest of the model', model.digest],
    [
      'Options',
      `beam ${options.beam}, ${options.nBest} captions a frame, a keyframe every ${options.windowMs / 1000} s`,
    ],
    ...(scan ? [['Scan', `${scan.mode}: ${DECODED[scan.frames]} (${scan.because})`] as const] : []),
    ['Digest of the result', result.digest],
    ...(result.edited
      ? [
          ['Digest of what people corrected', result.edited.edits] as const,
          ['Digest of what the model made', result.edited.machine] as const,
        ]
      : []),
  ] as const;
  return html`${
    warnings.length === 0
      ? null
      : html`<section class="warnings" aria-labelledby="warnings-title"><h2 id="warnings-title">Good to know</h2>
<ul>${warnings.map(({ code, message }) => html`<li>${message} <code>${code}</code></li>`)}</ul></section>`
  }
<section class="provenance" aria-labelledby="provenance-title">
<h2 id="provenance-title">Where this comes from</h2>
<p>Every sentence leads to captions, every caption to a frame, every frame to its hash. To walk that way, from the folder that holds this page:</p>
<pre tabindex="0"><code>framescribe verify .</code></pre>
<dl>${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

const DECODED: Readonly<Record<ScanPlan['frames'], string>> = {
  all: 'every frame',
  changes: 'without B-frames, but where something new comes into sight',
  references: 'without the frames that no other needs',
  anchors: 'without B-frames',
  groups: 'without B-frames, and I-frames only where nothing new comes into sight',
  keys: 'I-frames only',
};
