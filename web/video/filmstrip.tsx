import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { clock } from '../../src/render/format.ts';
import { useDesk } from './desk.ts';
import { useRoving } from './roving.ts';
import { placeAt } from './story.ts';
import { type Storyboard, tileStyle } from './storyboard.ts';

const WIDEST_PX = 112;
const HIGHEST_PX = 63;

/** Keeps the room of the filmstrip while its picture is on the way, so that nothing jumps. */
export function FilmstripToCome() {
  const { displayWidth, displayHeight } = useDesk().story.result.video;
  const { height } = tileSize(displayWidth / displayHeight);
  return <div class="filmstrip" style={{ height: `calc(${Math.round(height)}px + 1rem)` }} />;
}

function tileSize(aspect: number): { readonly width: number; readonly height: number } {
  const width = Math.min(WIDEST_PX, HIGHEST_PX * aspect);
  return { width, height: width / aspect };
}

/** The pictures of the video side by side, one tab stop; the one of the moment stays in sight. */
export function Filmstrip({ storyboard }: { readonly storyboard: Storyboard }) {
  const { playback, lit } = useDesk();
  const { tiles } = storyboard;
  const { container, onKeyDown, tabIndexOf, setCurrent } = useRoving(tiles.length);
  const current = useComputed(() => Math.max(placeAt(tiles, playback.timeMs.value), 0)).value;
  useEffect(() => {
    const strip = container.current;
    const tile = strip?.querySelector<HTMLElement>(`[data-rove="${current}"]`);
    if (!strip || !tile) return;
    const gap = (strip.clientWidth - tile.offsetWidth) / 2;
    strip.scrollTo({ left: tile.offsetLeft - gap, behavior: matchMedia(STILL).matches ? 'auto' : 'smooth' });
  }, [container, current]);
  return (
    <div
      class="filmstrip"
      role="toolbar"
      aria-label="Keyframes"
      ref={container as never}
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {tiles.map((tile, index) => (
        <button
          key={tile.id}
          type="button"
          class={lit.value.has(tile.id) ? 'lit' : undefined}
          data-rove={index}
          tabIndex={tabIndexOf(index)}
          aria-current={index === current ? 'true' : undefined}
          aria-label={`Keyframe at ${clock(tile.startMs)}`}
          onFocus={() => setCurrent(index)}
          onClick={() => playback.seek(tile.startMs)}
        >
          <span style={tileStyle(storyboard, tile, tileSize(tile.width / tile.height).width)} />
        </button>
      ))}
    </div>
  );
}

const STILL = '(prefers-reduced-motion: reduce)';
