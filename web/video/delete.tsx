import { useSignal } from '@preact/signals';
import { deleteVideo } from '../api/videos.ts';
import { Icon } from '../shell/icon.tsx';
import { tellError } from '../shell/notices.tsx';
import { go } from '../shell/place.ts';

/** Removes the video and its result from the server, after a second look. */
export function DeleteVideo({ id }: { readonly id: string }) {
  const asked = useSignal(false);
  const ask = (whether: boolean) => () => {
    asked.value = whether;
  };
  if (!asked.value) {
    return (
      <p class="delete">
        <button type="button" class="plain" onClick={ask(true)}>
          <Icon name="remove" /> Delete…
        </button>
      </p>
    );
  }
  return (
    <p class="delete actions">
      <span>Delete it with all that was found in it?</span>
      <button
        type="button"
        class="danger"
        ref={focus}
        onClick={() => void deleteVideo(id).then(() => go('/'), tellError)}
      >
        Delete
      </button>
      <button type="button" class="plain" onClick={ask(false)}>
        Keep
      </button>
    </p>
  );
}

/** The answer stands where the question was asked. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}
