import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../shell/icon.tsx';

interface AddProps {
  readonly onFiles: (files: readonly File[]) => void;
}

/** The button for new videos. */
export function AddButton({ onFiles, large = false }: AddProps & { readonly large?: boolean }) {
  return (
    <FileButton onFiles={onFiles} multiple class={`primary${large ? ' large' : ''}`}>
      <Icon name="add" /> Add videos
    </FileButton>
  );
}

interface FileButtonProps extends AddProps {
  readonly multiple: boolean;
  readonly class?: string;
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A button that opens the browser's choice of files. */
export function FileButton({ onFiles, multiple, class: kind, label, children }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={kind} aria-label={label} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        multiple={multiple}
        hidden
        aria-label={label ?? 'Videos'}
        accept="video/*,.mkv,.mxf,.ts,.mts,.m2ts,.flv,.gif"
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </>
  );
}

/** While files are dragged over the page, all of it is the place to drop them. */
export function DropPlace({ onFiles }: AddProps) {
  const over = useSignal(false);
  useEffect(() => {
    const stop = new AbortController();
    let depth = 0;
    const on = (name: 'dragenter' | 'dragover' | 'dragleave' | 'drop', act: (event: DragEvent) => void) =>
      document.addEventListener(
        name,
        (event) => {
          if (!event.dataTransfer?.types.includes('Files')) return;
          event.preventDefault();
          act(event);
        },
        { signal: stop.signal },
      );
    on('dragenter', () => {
      depth += 1;
      over.value = true;
    });
    on('dragover', () => {});
    on('dragleave', () => {
      depth -= 1;
      if (depth <= 0) over.value = false;
    });
    on('drop', (event) => {
      depth = 0;
      over.value = false;
      onFiles([...(event.dataTransfer?.files ?? [])]);
    });
    return () => stop.abort();
  }, [onFiles, over]);
  if (!over.value) return null;
  return (
    <div class="drop-place" aria-hidden="true">
      <p>
        <Icon name="film" /> Drop to describe
      </p>
    </div>
  );
}
