import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Correction } from '../../src/domain/edits.ts';
import { Icon } from '../shell/icon.tsx';
import { useDesk } from './desk.ts';
import { EditForm } from './edit-form.tsx';
import { useSaving } from './saving.ts';

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
