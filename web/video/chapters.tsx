import { useComputed } from '@preact/signals';
import { clock, duration } from '../../src/render/format.ts';
import { useDesk } from './desk.ts';
import { Editable } from './editable.tsx';
import { placeAt } from './story.ts';

/** The chapters to go to. One alone needs no list. */
export function Chapters() {
  const { story, playback } = useDesk();
  const current = useComputed(() => placeAt(story.result.chapters, playback.timeMs.value)).value;
  if (story.chapters.length < 2) return null;
  return (
    <section class="chapters" aria-labelledby="chapters-title">
      <h2 id="chapters-title">Chapters</h2>
      <ol>
        {story.chapters.map(({ chapter, hue }, index) => (
          <li key={chapter.id} class={`h${hue}${index === current ? ' current' : ''}`}>
            <Editable
              what={`title of the chapter at ${clock(chapter.startMs)}`}
              text={chapter.title}
              edit={chapter.edit}
              correction={(title) => ({ chapter: chapter.id, title })}
            >
              <button type="button" class="chapter" onClick={() => playback.seek(chapter.startMs)}>
                <span class="when">{clock(chapter.startMs)}</span>
                <span>{chapter.title}</span>
                <span class="quiet">{duration(chapter.endMs - chapter.startMs)}</span>
              </button>
            </Editable>
          </li>
        ))}
      </ol>
    </section>
  );
}
