import { useDesk } from './desk.ts';

/** What is good to know of the result, and what lets somebody check where it came from. */
export function Provenance() {
  const { video, model, options, scan, warnings, digest } = useDesk().story.result;
  const facts = [
    ['Video', `${video.container}, ${video.codec}, ${video.pixelFormat}, ${video.width} × ${video.height}`],
    ['SHA-256 of the video', video.sha256],
    ['Model', `${model.name} ${model.version}`],
    ['Licence of the model', model.licence],
    ['Digest of the model', model.digest],
    [
      'Options',
      `beam ${options.beam}, ${options.nBest} captions a frame, a keyframe every ${options.windowMs / 1000} s`,
    ],
    ...(scan ? [['Scan', `${scan.mode} (${scan.because})`] as const] : []),
    ['Digest of the result', digest],
  ] as const;
  return (
    <>
      {warnings.length > 0 && (
        <section class="warnings" aria-labelledby="warnings-title">
          <h2 id="warnings-title">Good to know</h2>
          <ul>
            {warnings.map(({ code, message }) => (
              <li key={message}>
                {message} <code>{code}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="provenance" aria-labelledby="provenance-title">
        <h2 id="provenance-title">Where this comes from</h2>
        <dl>
          {facts.map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
