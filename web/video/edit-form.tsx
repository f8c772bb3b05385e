import { useLayoutEffect, useRef } from 'preact/hooks';
import { toRequestError } from '../api/request.ts';
import { tellUnsaved } from '../shell/notices.tsx';
import { useSaving } from './saving.ts';

interface EditFormProps {
  readonly what: string;
  /** As it stands now: somebody else's words may come while the form is open. */
  readonly text: string;
  readonly onSave: (text: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Where a text is written anew. It takes the place of somebody else's later words only once those were seen here. */
export function EditForm({ what, text, onSave, onClose }: EditFormProps) {
  const { problem, busy, run } = useSaving();
  const field = useRef<HTMLTextAreaElement>(null);
  const writing = useRef({ begun: text, seen: text, draft: text, isSaving: false, isGone: false }).current;
  const now = useRef({ text, onSave });
  now.current = { text, onSave };
  const giveBack = () => {
    if (writing.isGone && !writing.isSaving && writing.draft !== writing.seen) tellUnsaved(writing.draft);
  };
  // Before the next key comes, or it would be lost.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
    return () => {
      writing.isGone = true;
      giveBack();
    };
  }, []);
  const close = () => {
    writing.draft = writing.seen;
    onClose();
  };
  /** False where the text says something else by now. */
  const put = async (words: string): Promise<boolean> => {
    try {
      await onSave(words);
    } catch (cause) {
      if (toRequestError(cause).code !== 'EDIT_CONFLICT') throw cause;
      // Until what is there now is drawn. A change elsewhere in the video is no reason to ask.
      await new Promise((resolve) => setTimeout(resolve));
      if (writing.isGone || now.current.text !== writing.seen) return false;
      await now.current.onSave(words);
    }
    return true;
  };
  const save = (event?: Event) => {
    event?.preventDefault();
    if (writing.isSaving) return;
    const words = writing.draft.replaceAll(/\s+/g, ' ').trim();
    if (words === '' || words === text) return close();
    writing.seen = text;
    writing.isSaving = true;
    return run(async () => {
      try {
        if (await put(words)) close();
      } finally {
        writing.isSaving = false;
        giveBack();
      }
    });
  };
  const isOvertaken = !busy && text !== writing.seen;
  return (
    <form class="edit-form" onSubmit={save}>
      <textarea
        ref={field}
        rows={2}
        maxLength={1000}
        aria-label={`New text of the ${what}`}
        onInput={({ currentTarget }) => {
          writing.draft = currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close();
          else if (event.key === 'Enter' && !event.isComposing) void save(event);
        }}
      >
        {writing.begun}
      </textarea>
      {isOvertaken && (
        <p class="problem" role="alert">
          Meanwhile somebody changed it to “{text}”. Save puts yours in its place; Cancel keeps theirs.
        </p>
      )}
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <p class="actions">
        <button type="submit" class="primary" disabled={busy}>
          Save
        </button>
        <button type="button" class="plain" onClick={close}>
          Cancel
        </button>
      </p>
    </form>
  );
}
