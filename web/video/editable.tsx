import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Correction } from '../../src/domain/edits.ts';
import { toRequestError } from '../api/request.ts';
import { Icon } from '../shell/icon.tsx';
import { useDesk } from './desk.ts';

interface EditableProps {
  /** What the text is, for the button's label: `caption at 0:12`. */
  readonly what: string;
  readonly text: string;
  /** The edit by which a person wrote it. */
  readonly edit: string | undefined;
  readonly correction: (text: string) => Correction;
  readonly children: ComponentChildren;
}

/** A text of the result that can be written over where it stands, and be had back. */
export function Editable({ what, text, edit, correction, children }: EditableProps) {
  const { correct } = useDesk();
  const open = useSignal(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const close = () => {
    open.value = false;
    // Once the pencil is there again.
    setTimeout(() => pencil.current?.focus());
  };
  if (correct === null) return <div class="editable">{children}</div>;
  if (open.value) {
    return <EditForm what={what} text={text} onSave={(changed) => correct(correction(changed))} onClose={close} />;
  }
  return (
    <div class="editable">
      {children}
      <button
        type="button"
        ref={pencil}
        class="bare pencil"
        aria-label={`Edit the ${what}`}
        title="Edit"
        onClick={() => {
          open.value = true;
        }}
      >
        <Icon name="edit" />
      </button>
      {edit !== undefined && <ByHand what={what} edit={edit} />}
    </div>
  );
}

/** Says that a person wrote it, and offers the model's own words. */
export function ByHand({ what, edit }: { readonly what: string; readonly edit: string }) {
  const { correct } = useDesk();
  const { problem, busy, run } = useSaving();
  return (
    <span class="by-hand">
      <span>by hand</span>
      {correct && (
        <button
          type="button"
          class="plain"
          disabled={busy}
          aria-label={`Undo the edit of the ${what}`}
          onClick={() => run(() => correct({ undo: edit }))}
        >
          Undo
        </button>
      )}
      {problem !== '' && <span role="alert">{problem}</span>}
    </span>
  );
}

interface EditFormProps {
  readonly what: string;
  readonly text: string;
  readonly onSave: (text: string) => Promise<void>;
  readonly onClose: () => void;
}

export function EditForm({ what, text, onSave, onClose }: EditFormProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { problem, busy, run } = useSaving();
  // Before the next key comes, or it would be lost.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const save = (event?: Event) => {
    event?.preventDefault();
    const changed = field.current?.value.replaceAll(/\s+/g, ' ').trim() ?? '';
    if (changed === '' || changed === text) return onClose();
    return run(async () => {
      await onSave(changed);
      onClose();
    });
  };
  return (
    <form class="edit-form" onSubmit={save}>
      <textarea
        ref={field}
        rows={2}
        maxLength={1000}
        aria-label={`New text of the ${what}`}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
          else if (event.key === 'Enter' && !event.isComposing) void save(event);
        }}
      >
        {text}
      </textarea>
      <p class="actions">
        <button type="submit" class="primary" disabled={busy}>
          Save
        </button>
        <button type="button" class="plain" onClick={onClose}>
          Cancel
        </button>
      </p>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

function useSaving() {
  const problem = useSignal('');
  const busy = useSignal(false);
  const run = async (work: () => Promise<void>) => {
    busy.value = true;
    try {
      await work();
      problem.value = '';
    } catch (cause) {
      const { message, advice } = toRequestError(cause);
      problem.value = `${message} ${advice}`;
    }
    busy.value = false;
  };
  return { problem: problem.value, busy: busy.value, run };
}
