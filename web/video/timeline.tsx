import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { captionsOf } from '../../src/domain/scene.ts';
import { clock } from '../../src/render/format.ts';
import { useDesk } from './desk.ts';
import { useRoving } from './roving.ts';
import { placeAt, position } from './story.ts';
import { type Storyboard, type Tile, tileStyle } from './storyboard.ts';

const PREVIEW_PX = { width: 160, height: 120 };
/** Of more shots or keyframes than this, none could be told from the next. */
const MOST_APART = 150;

/** The video from left to right, to scrub: chapters above, shots below, a tick for each keyframe. */
export function Timeline({ storyboard }: { readonly storyboard: Storyboard | null }) {
  const { story } = useDesk();
  const { durationMs } = story.result.video;
  return (
    <div class="timeline">
      {story.chapters.length > 1 && <ChapterLane />}
      <Scrubber storyboard={storyboard} />
      <div class="axis" aria-hidden="true">
        {ticks(durationMs).map((ms) => (
          <span key={ms} style={{ left: position(ms, durationMs) }}>
            {clock(ms)}
          </span>
        ))}
      </div>
    </div>
  );
}

function ChapterLane() {
  const { story, playback } = useDesk();
  const { durationMs } = story.result.video;
  const { container, onKeyDown, tabIndexOf, setCurrent } = useRoving(story.chapters.length);
  const current = useComputed(() => placeAt(story.result.chapters, playback.timeMs.value)).value;
  return (
    <div class="lane" role="toolbar" aria-label="Chapters" ref={container as never} onKeyDown={onKeyDown}>
      {story.chapters.map(({ chapter, hue }, index) => (
        <button
          key={chapter.id}
          type="button"
          class={`bar h${hue}`}
          style={{ width: position(chapter.endMs - chapter.startMs, durationMs) }}
          data-rove={index}
          tabIndex={tabIndexOf(index)}
          aria-current={index === current ? 'true' : undefined}
          aria-label={`${chapter.title}, at ${clock(chapter.startMs)}`}
          title={chapter.title}
          onFocus={() => setCurrent(index)}
          onClick={() => playback.seek(chapter.startMs)}
        >
          <span>{chapter.title}</span>
        </button>
      ))}
    </div>
  );
}

function Scrubber({ storyboard }: { readonly storyboard: Storyboard | null }) {
  const { story, playback, lit, marked } = useDesk();
  const { video } = story.result;
  const track = useRef<HTMLDivElement>(null);
  const hoverMs = useSignal<number | null>(null);
  const playhead = useComputed(() => position(playback.timeMs.value, video.durationMs));

  const timeAt = (event: PointerEvent) => {
    const { left, width } = track.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return (Math.min(Math.max(event.clientX - left, 0), width) / width) * video.durationMs;
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    track.current?.setPointerCapture(event.pointerId);
    playback.seek(timeAt(event));
  };
  const onPointerMove = (event: PointerEvent) => {
    hoverMs.value = timeAt(event);
    if (track.current?.hasPointerCapture(event.pointerId)) playback.seek(hoverMs.value);
  };
  return (
    <div
      class="track"
      ref={track}
      role="slider"
      tabIndex={0}
      aria-label="Time"
      aria-valuemin={0}
      aria-valuemax={video.durationMs}
      aria-valuenow={Math.round(useComputed(() => playback.timeMs.value).value)}
      aria-valuetext={useSpokenTime()}
      onKeyDown={useScrubKeys()}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        hoverMs.value = null;
      }}
    >
      <ShotBars />
      <Marks ranges={marked.value} />
      <KeyframeTicks lit={lit.value} />
      <span class="playhead" style={{ left: playhead.value }} />
      {hoverMs.value !== null && <Preview ms={hoverMs.value} storyboard={storyboard} />}
    </div>
  );
}

function ShotBars() {
  const { story } = useDesk();
  const { shots, video } = story.result;
  const chapterOf = new Map(
    story.chapters.flatMap(({ chapter, hue }) => chapter.shots.map((id) => [id, hue] as const)),
  );
  const x = (ms: number) => Math.round((video.durationMs > 0 ? ms / video.durationMs : 0) * 1e5) / 100;
  return (
    <svg class="shots" viewBox="0 0 1000 30" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {shots.map(({ id, startMs, endMs }, index) => (
        <rect
          key={id}
          class={`h${chapterOf.get(id) ?? 0} ${index % 2 === 0 ? 'even' : 'odd'}`}
          x={x(startMs)}
          width={Math.max(x(endMs) - x(startMs) - (shots.length <= MOST_APART ? 1 : 0), 0.4)}
          height="30"
        />
      ))}
    </svg>
  );
}

function Marks({ ranges }: { readonly ranges: readonly { readonly startMs: number; readonly endMs: number }[] }) {
  const { durationMs } = useDesk().story.result.video;
  return (
    <>
      {ranges.map(({ startMs, endMs }) => (
        <i
          key={startMs}
          class="mark"
          style={{ left: position(startMs, durationMs), width: position(endMs - startMs, durationMs) }}
        />
      ))}
    </>
  );
}

function KeyframeTicks({ lit }: { readonly lit: ReadonlySet<string> }) {
  const { story } = useDesk();
  const { durationMs } = story.result.video;
  return (
    <span class="ticks" aria-hidden="true">
      {story.scenes
        .filter(({ keyframe }) => story.scenes.length <= MOST_APART || lit.has(keyframe.id))
        .map(({ keyframe: { id, timeMs } }) => (
          <i key={id} class={lit.has(id) ? 'lit' : undefined} style={{ left: position(timeMs, durationMs) }} />
        ))}
    </span>
  );
}

function Preview({ ms, storyboard }: { readonly ms: number; readonly storyboard: Storyboard | null }) {
  const { durationMs } = useDesk().story.result.video;
  const tile = storyboard?.tiles[Math.max(placeAt(storyboard.tiles, ms), 0)];
  return (
    <span class="preview" style={{ left: `clamp(5.25rem, ${position(ms, durationMs)}, calc(100% - 5.25rem))` }}>
      {storyboard && tile && <span class="tile" style={tileStyle(storyboard, tile, previewWidth(tile))} />}
      <span>{clock(ms)}</span>
    </span>
  );
}

function previewWidth({ width, height }: Tile): number {
  return Math.min(PREVIEW_PX.width, (PREVIEW_PX.height * width) / height);
}

/** What a screen reader says of the moment: the time, the chapter, and the caption of its keyframe. */
function useSpokenTime(): string {
  const { story, playback } = useDesk();
  return useComputed(() => {
    const ms = playback.timeMs.value;
    const chapter = story.result.chapters[placeAt(story.result.chapters, ms)];
    const scene = story.scenes[placeAt(story.scenes, ms)];
    const caption = scene && captionsOf(scene.keyframe, story.keyframes)[0]?.text;
    return [`${clock(ms)} of ${clock(story.result.video.durationMs)}`, chapter?.title, caption]
      .filter(Boolean)
      .join(', ');
  }).value;
}

/** Arrows go a second, with Shift ten; Page Up and Down go by shots, Home and End to the ends; Space plays. */
function useScrubKeys() {
  const { story, playback } = useDesk();
  const { shots, video } = story.result;
  return (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const ms = playback.timeMs.value;
    const step = event.shiftKey ? 10_000 : 1000;
    const shot = placeAt(shots, ms);
    const to: Readonly<Record<string, number | undefined>> = {
      ArrowLeft: ms - step,
      ArrowDown: ms - step,
      ArrowRight: ms + step,
      ArrowUp: ms + step,
      PageUp: shots[shot - 1]?.startMs ?? 0,
      PageDown: shots[shot + 1]?.startMs,
      Home: 0,
      End: video.durationMs,
    };
    if (event.key === ' ') playback.toggle();
    else if (event.key in to) playback.seek(to[event.key] ?? ms);
    else return;
    event.preventDefault();
  };
}

/** Round times, at most seven, from the start. */
function ticks(durationMs: number): readonly number[] {
  const step = STEPS_S.map((seconds) => seconds * 1000).find((ms) => durationMs / ms <= 6) ?? 7_200_000;
  const all = Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, index) => index * step);
  // One too close to the right edge would stick out.
  return all.filter((ms) => ms === 0 || ms < durationMs * 0.93);
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
