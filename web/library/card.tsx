import type { ComponentChildren } from 'preact';
import { clock, counted, percent } from '../../src/render/format.ts';
import type { VideoItem } from '../../src/server/contract/index.ts';
import { pictureOf } from '../api/videos.ts';
import { Icon } from '../shell/icon.tsx';
import { headwayOf, Stages } from './stages.tsx';

/** What may be done with a video in the library; null where this reader may not. */
export interface CardActions {
  readonly cancel: ((video: VideoItem) => void) | null;
  readonly retry: ((video: VideoItem) => void) | null;
  readonly remove: ((video: VideoItem) => void) | null;
}

/** A video in the library, whatever has become of it. */
export function VideoCard({ video, actions }: { readonly video: VideoItem; readonly actions: CardActions }) {
  const { id, name, state, durationMs } = video;
  const isReady = state === 'completed';
  const title = <bdi>{name}</bdi>;
  return (
    <article class={`card ${state}`} data-video={id} aria-label={name}>
      <Picture video={video}>
        {isReady && durationMs !== null && <span class="length">{clock(durationMs)}</span>}
      </Picture>
      <div class="about">
        <h2 title={name}>{isReady ? <a href={`/videos/${id}`}>{title}</a> : title}</h2>
        {isReady && <Ready video={video} />}
        {(state === 'waiting' || state === 'active' || state === 'delayed') && (
          <Working video={video} actions={actions} />
        )}
        {(state === 'failed' || state === 'cancelled') && <Stopped video={video} actions={actions} />}
      </div>
    </article>
  );
}

function Picture({ video, children }: { readonly video: VideoItem; readonly children?: ComponentChildren }) {
  const { state, moments } = video;
  const found = moments?.[0];
  const thumbnail = found ? pictureOf(video.id, found.keyframe) : video.thumbnail;
  const isLost = thumbnail === null && (state === 'failed' || state === 'cancelled');
  return (
    <div class={`thumb${thumbnail === null && !isLost ? ' coming' : ''}`}>
      {thumbnail === null ? (
        <Icon name={isLost ? 'warning' : 'film'} />
      ) : (
        <img src={thumbnail} alt="" loading="lazy" decoding="async" />
      )}
      {children}
    </div>
  );
}

function Ready({ video }: { readonly video: VideoItem }) {
  const { id, summary, tags, moments } = video;
  if (moments !== undefined && moments.length > 0) {
    return (
      <ul class="moments">
        {moments.map(({ keyframe, timeMs, text }) => (
          <li key={keyframe}>
            <a href={`/videos/${id}#t=${timeMs}`}>
              <span class="when">{clock(timeMs)}</span> {text}
            </a>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <>
      <p class="summary">{summary || 'The model was unsure of every caption.'}</p>
      {tags.length > 0 && (
        <ul class="chips" aria-label="Tags">
          {tags.slice(0, 4).map((tag) => (
            <li key={tag}>{tag}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Working({ video, actions }: { readonly video: VideoItem; readonly actions: CardActions }) {
  const { state, failure } = video;
  return (
    <>
      {state === 'waiting' && <Stages step={1} part={0} says="waits for its turn" />}
      {state === 'active' && <Stages {...headwayOf(video)} says={wordsOf(video)} />}
      {state === 'delayed' && (
        <Stages step={1} part={0} says={`is tried again soon${failure ? `: ${failure.message}` : ''}`} />
      )}
      {actions.cancel && (
        <p class="actions">
          <button type="button" class="plain" onClick={() => actions.cancel?.(video)} aria-label={`Stop ${video.name}`}>
            Stop
          </button>
        </p>
      )}
    </>
  );
}

function wordsOf({ progress }: VideoItem): string {
  if (progress === null) return 'begins';
  const { stage, doneMs, totalMs, keyframes } = progress;
  const found = keyframes > 0 ? `, ${counted(keyframes, 'keyframe')}` : '';
  if (stage === 'fetch') return 'fetches the file';
  if (stage === 'probe') return 'looks at the file';
  if (stage === 'scan' || stage === 'caption') {
    return totalMs ? `${percent(Math.min(doneMs / totalMs, 1))}${found}` : `${clock(doneMs)}${found}`;
  }
  return stage === 'publish' ? 'is stored' : 'is written';
}

function Stopped({ video, actions }: { readonly video: VideoItem; readonly actions: CardActions }) {
  const { state, failure, name } = video;
  return (
    <>
      {state === 'failed' && failure && (
        <div class="reason">
          <p>{failure.message}</p>
          <p>
            {failure.advice} <code>{failure.code}</code>
          </p>
        </div>
      )}
      {state === 'cancelled' && <p class="quiet">Stopped before it was done.</p>}
      <p class="actions">
        {actions.retry && (
          <button type="button" onClick={() => actions.retry?.(video)} aria-label={`Try ${name} again`}>
            <Icon name="retry" /> Try again
          </button>
        )}
        {actions.remove && (
          <button type="button" class="plain" onClick={() => actions.remove?.(video)} aria-label={`Remove ${name}`}>
            Remove
          </button>
        )}
      </p>
    </>
  );
}
