import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Keyframe } from '../../src/domain/result.ts';
import { drawGrid } from './attention.ts';
import { useDesk } from './desk.ts';

/** The picture of a keyframe; where somebody points at a word of its caption, with the model's attention over it. */
export function FramePicture({ keyframe, alt }: { readonly keyframe: Keyframe; readonly alt: string }) {
  const { files, gaze, gridsOf } = useDesk();
  const canvas = useRef<HTMLCanvasElement>(null);
  const grid = useComputed(() => {
    const looked = gaze.value;
    return looked?.keyframe === keyframe.id ? (gridsOf(keyframe)?.[looked.word] ?? null) : null;
  }).value;
  useEffect(() => {
    if (grid && canvas.current) drawGrid(canvas.current, grid);
  }, [grid]);
  return (
    <span class="picture">
      <img
        src={files.url(keyframe.image)}
        width={keyframe.width}
        height={keyframe.height}
        alt={alt}
        loading="lazy"
        decoding="async"
      />
      {grid && <canvas ref={canvas} class="heat" data-word={grid.word} />}
    </span>
  );
}
