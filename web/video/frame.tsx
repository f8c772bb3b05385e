import type { Caption } from '../../src/domain/result.ts';
import type { Scene } from '../../src/domain/scene.ts';
import { clock, percent } from '../../src/render/format.ts';
import { useDesk } from './desk.ts';
import { Editable } from './editable.tsx';
import { FramePicture } from './frame-picture.tsx';
import { GazingWords, ShadedWords } from './words.tsx';

/** A keyframe: its picture, its caption word by word, and what else the model might have said. */
export function Frame({ scene }: { readonly scene: Scene }) {
  const { playback, lit, story } = useDesk();
  const { keyframe, captions, words } = scene;
  const [best, ...others] = captions;
  const time = clock(keyframe.timeMs);
  return (
    <div class={`frame${lit.value.has(keyframe.id) ? ' lit' : ''}`} data-keyframe={keyframe.id}>
      <button
        type="button"
        class="look"
        aria-label={`Show ${time}, keyframe ${keyframe.id}`}
        onClick={() => playback.seek(keyframe.timeMs)}
      >
        <FramePicture keyframe={keyframe} alt="" />
        <span class="length">{time}</span>
      </button>
      <div>
        {best === undefined ? (
          <p class="quiet">It has no caption.</p>
        ) : (
          <Editable
            what={`caption at ${time}`}
            text={best.text}
            edit={best.edit}
            correction={(caption) => ({ keyframe: keyframe.id, caption })}
          >
            <CaptionLine caption={best} scene={scene} />
          </Editable>
        )}
        {best && (
          <p class="meter">
            <Gauge caption={best} />
            {best.uncertain && <strong class="badge">uncertain</strong>}
          </p>
        )}
        {keyframe.sameAs !== undefined && (
          <p class="same">
            Looks the same as the frame at {clock(story.keyframes.get(keyframe.sameAs)?.timeMs ?? 0)}, and shares its
            captions.
          </p>
        )}
        {(others.length > 0 || words.length > 0) && (
          <details>
            <summary>Other readings</summary>
            {others.length > 0 && (
              <ol>
                {others.map((caption) => (
                  <li key={caption.text}>
                    <ShadedWords caption={caption} /> <span class="quiet">{percent(caption.confidence)}</span>
                  </li>
                ))}
              </ol>
            )}
            {words.length > 0 && (
              <p class="quiet">
                Seen apart from that: {words.map(({ word, confidence }) => `${word} ${percent(confidence)}`).join(', ')}
              </p>
            )}
          </details>
        )}
      </div>
    </div>
  );
}

/** A caption; the model's own word by word, a person's as it is. */
export function CaptionLine({ caption, scene }: { readonly caption: Caption; readonly scene: Scene }) {
  if (caption.edit !== undefined || caption.tokens.length === 0) return <p class="caption">{caption.text}</p>;
  return (
    <div class="caption">
      <GazingWords caption={caption} keyframe={scene.keyframe.id} />
    </div>
  );
}

export function Gauge({ caption }: { readonly caption: Caption }) {
  if (caption.edit !== undefined) return null;
  return (
    <>
      <span class="gauge" aria-hidden="true">
        <i style={{ width: percent(caption.confidence) }} />
      </span>
      <span>{percent(caption.confidence)} sure</span>
    </>
  );
}
