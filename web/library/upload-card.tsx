import { fileSize, percent } from '../../src/render/format.ts';
import { Icon } from '../shell/icon.tsx';
import { FileButton } from './add.tsx';
import { Stages } from './stages.tsx';
import type { Upload, Uploads } from './uploads.ts';

/** A file on its way, or one that was turned away. */
export function UploadCard({ upload, uploads }: { readonly upload: Upload; readonly uploads: Uploads }) {
  const { name, bytes } = upload;
  const state = upload.state.value;
  const sent = upload.sent.value;
  const part = bytes === 0 ? 0 : sent / bytes;
  const says = {
    queued: 'waits for those before it',
    sending: `${percent(part)} of ${fileSize(bytes)}`,
    again: `${percent(part)}, connection lost: trying again`,
    paused: `paused at ${percent(part)}`,
    away: `${percent(part)} of ${fileSize(bytes)}, interrupted`,
    sent: 'done',
    refused: '',
  }[state.kind];
  return (
    <article class={`card upload ${state.kind}`} aria-label={name}>
      <div class={`thumb${state.kind === 'refused' ? '' : ' coming'}`}>
        <Icon name={state.kind === 'refused' ? 'warning' : 'film'} />
      </div>
      <div class="about">
        <h2 title={name}>
          <bdi>{name}</bdi>
        </h2>
        {state.kind === 'refused' ? (
          <div class="reason">
            <p>{state.error.message}</p>
            <p>
              {state.error.advice} <code>{state.error.code}</code>
            </p>
          </div>
        ) : (
          <Stages step={0} part={state.kind === 'sent' ? 1 : part} says={says} />
        )}
        {state.kind === 'away' && (
          <p class="quiet" role="status">
            {state.mistaken
              ? `That was another file. Choose “${name}” of ${fileSize(bytes)}, unchanged since the upload began.`
              : 'The page was closed meanwhile. Choose the same file again: it goes on where it stopped.'}
          </p>
        )}
        <p class="actions">
          {(state.kind === 'sending' || state.kind === 'again') && (
            <button type="button" onClick={() => uploads.pause(upload)} aria-label={`Pause ${name}`}>
              <Icon name="pause" /> Pause
            </button>
          )}
          {state.kind === 'away' && (
            <FileButton
              multiple={false}
              label={`Choose ${name} again`}
              onFiles={([file]) => file && uploads.found(upload, file)}
            >
              <Icon name="film" /> Choose the file
            </FileButton>
          )}
          {state.kind === 'paused' && (
            <button type="button" onClick={() => uploads.resume(upload)} aria-label={`Go on with ${name}`}>
              <Icon name="play" /> Go on
            </button>
          )}
          {state.kind === 'refused' && state.error.code === 'UNREACHABLE' && (
            <button type="button" onClick={() => uploads.resume(upload)} aria-label={`Try ${name} again`}>
              <Icon name="retry" /> Try again
            </button>
          )}
          {state.kind !== 'sent' && (
            <button type="button" class="plain" onClick={() => uploads.drop(upload)} aria-label={`Remove ${name}`}>
              Remove
            </button>
          )}
        </p>
      </div>
    </article>
  );
}
