import { useComputed } from '@preact/signals';
import { clock } from '../../src/render/format.ts';
import { useDesk } from './desk.ts';
import { CaptionLine, Gauge } from './frame.tsx';
import { placeAt } from './story.ts';

/** What the model says of the moment; pointing at a word shows over the stage where it looked. */
export function Now() {
  const { story, playback } = useDesk();
  const scene = useComputed(() => story.scenes[placeAt(story.scenes, playback.timeMs.value)]).value;
  if (scene === undefined) return null;
  const { keyframe, captions } = scene;
  return (
    <section class="now" aria-label="The moment">
      {captions[0] ? <CaptionLine caption={captions[0]} scene={scene} /> : <p class="quiet">It has no caption.</p>}
      <p class="meter">
        {captions[0] && <Gauge caption={captions[0]} />}
        <span>
          {clock(keyframe.timeMs)}, {keyframe.id}
        </span>
      </p>
    </section>
  );
}
