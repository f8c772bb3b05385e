import { useMemo, useRef } from 'preact/hooks';
import type { Scene } from '../../src/domain/scene.ts';
import { clock } from '../../src/render/format.ts';
import { useDesk } from './desk.ts';
import { Frame } from './frame.tsx';
import type { ChapterView, Story } from './story.ts';
import { useVirtualList } from './virtual-list.ts';
import { LEVELS } from './words.tsx';

/** A keyframe in the list; the first one of a chapter has its title above it. */
interface Row {
  readonly scene: Scene;
  readonly begins: ChapterView | null;
}

/** About as high as they come out; the true heights are measured as they are drawn. */
const FRAME_PX = 155;
const TITLE_PX = 60;

/**
 * All keyframes with their captions, chapter by chapter. Only those in sight are in the document, so that a thousand
 * scroll as smoothly as ten. Page Up and Page Down go from frame to frame.
 */
export function Frames() {
  const { story } = useDesk();
  const rows = useMemo(() => rowsOf(story), [story]);
  const list = useRef<HTMLDivElement>(null);
  const { items, totalPx, measure, showRow, keep } = useVirtualList(
    list,
    rows.length,
    (index) => FRAME_PX + (rows[index]?.begins ? TITLE_PX : 0),
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { PageDown: 1, PageUp: -1 }[event.key];
    const from = rowOf(event.target);
    if (step === undefined || from === null || !rows[from + step]) return;
    event.preventDefault();
    showRow(from + step);
  };
  return (
    <section class="frames" aria-labelledby="frames-title">
      <h2 id="frames-title">Frame by frame</h2>
      <Legend />
      <div
        ref={list}
        class="virtual"
        role="feed"
        aria-labelledby="frames-title"
        style={{ height: `${totalPx}px` }}
        onKeyDown={onKeyDown}
        onFocusIn={({ target }) => keep(rowOf(target))}
        onFocusOut={() => keep(null)}
      >
        {items.map(({ index, offsetPx }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const { scene, begins } = row;
          return (
            <article
              key={scene.keyframe.id}
              ref={measure}
              data-index={index}
              style={{ transform: `translateY(${offsetPx}px)` }}
              tabIndex={-1}
              aria-posinset={index + 1}
              aria-setsize={rows.length}
              aria-label={`Keyframe at ${clock(scene.keyframe.timeMs)}`}
            >
              {begins && (
                <h3 class={`h${begins.hue}`}>
                  <span class="when">{clock(begins.chapter.startMs)}</span> {begins.chapter.title}
                </h3>
              )}
              <Frame scene={scene} />
            </article>
          );
        })}
      </div>
    </section>
  );
}

function Legend() {
  return (
    <p class="legend">
      <span>How sure the model was of a word:</span>
      {LEVELS.map(({ name, says }) => (
        <mark key={name} class={name}>
          {says}
        </mark>
      ))}
    </p>
  );
}

function rowsOf({ scenes, chapters }: Story): readonly Row[] {
  const chapterOf = new Map(chapters.flatMap((view) => view.chapter.shots.map((shot) => [shot, view] as const)));
  const chapterAt = (index: number) => chapterOf.get(scenes[index]?.keyframe.shot ?? '') ?? null;
  return scenes.map((scene, index) => {
    const chapter = chapters.length > 1 ? chapterAt(index) : null;
    return { scene, begins: chapter === chapterAt(index - 1) ? null : chapter };
  });
}

/** The row that an element of the list is in. */
function rowOf(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
  return row ? Number(row.dataset.index) : null;
}
