import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { counted } from '../../src/render/format.ts';
import type { SessionFacts, TagList, VideoItem } from '../../src/server/contract/index.ts';
import { cancelVideo, countWorkers, deleteVideo, listTags, retryVideo } from '../api/videos.ts';
import { tellError } from '../shell/notices.tsx';
import { place } from '../shell/place.ts';
import { AddButton } from './add.tsx';
import { type CardActions, VideoCard } from './card.tsx';
import { EmptyLibrary, NothingFound } from './empty.tsx';
import { type Library, openLibrary } from './library.ts';
import { readQuestion } from './question.ts';
import { Toolbar } from './toolbar.tsx';
import { UploadCard } from './upload-card.tsx';
import type { Uploads } from './uploads.ts';

const LOOK_EVERY_MS = 10_000;

interface LibraryProps {
  readonly session: SessionFacts;
  readonly uploads: Uploads;
}

/** All videos: those on their way, those that are ready, those that failed. */
export function LibraryPage({ session, uploads }: LibraryProps) {
  const library = useMemo(openLibrary, []);
  useEffect(() => library.close, [library]);
  const question = readQuestion(place.value.query);
  const asked = JSON.stringify(question);
  useEffect(() => library.ask(question), [library, asked]);
  useEffect(() => {
    document.title = 'Framescribe';
  }, []);

  const onFiles = mayUpload(session) ? uploads.add : null;
  const videos = library.videos.value;
  const isPlain = question.q === '' && question.tags.length === 0 && question.group === 'all';
  const sending = isPlain || question.group === 'working' ? stillSending(uploads, videos) : [];
  const tags = useTags(videos);
  const isEmpty = videos !== null && videos.length === 0 && sending.length === 0;
  return (
    <main id="main" tabIndex={-1} class="library">
      <div class="library-head">
        <h1 class={isPlain && isEmpty ? 'hidden' : undefined}>Library</h1>
        <p class="quiet" role="status">
          {videos !== null &&
            !(isPlain && isEmpty) &&
            (question.q === '' ? counted(library.total.value, 'video') : `${library.total.value} found`)}
        </p>
        {onFiles && !(isPlain && isEmpty) && <AddButton onFiles={onFiles} />}
      </div>
      {!(isPlain && isEmpty) && <Toolbar tags={tags} />}
      {library.error.value && <Trouble library={library} />}
      <NobodyWorks isWaiting={videos?.some(({ state }) => state === 'waiting') ?? false} />
      {isEmpty && (isPlain ? <EmptyLibrary onFiles={onFiles} /> : <NothingFound words={question.q} />)}
      {videos === null && !library.error.value && <Placeholders />}
      <div class={`cards${question.q === '' ? '' : ' found'}`} aria-busy={library.loading.value}>
        {sending.map((upload) => (
          <UploadCard key={upload.key} upload={upload} uploads={uploads} />
        ))}
        {videos?.map((video) => (
          <VideoCard key={video.id} video={video} actions={actionsOf(session, library)} />
        ))}
      </div>
      {library.hasMore.value && <More library={library} />}
    </main>
  );
}

/** Whether this server takes files, and from this reader. */
export function mayUpload({ uploads, scopes }: SessionFacts): boolean {
  return uploads !== null && scopes.includes('submit');
}

/** Uploads that the list doesn't show yet as videos. */
function stillSending(uploads: Uploads, videos: readonly VideoItem[] | null) {
  return uploads.list.value.filter((upload) => {
    const { value } = upload.state;
    return value.kind !== 'sent' || !videos?.some(({ id }) => id === value.video);
  });
}

/** Tags to filter by; counted again when another video is ready. */
function useTags(videos: readonly VideoItem[] | null): TagList['tags'] {
  const tags = useSignal<TagList['tags']>([]);
  const ready = videos?.filter(({ state }) => state === 'completed').length ?? 0;
  useEffect(() => {
    listTags().then(
      (answer) => {
        tags.value = answer.tags;
      },
      () => {}, // The list beside it says what is wrong.
    );
  }, [ready]);
  return tags.value;
}

function actionsOf({ scopes }: SessionFacts, library: Library): CardActions {
  const act = (call: (id: string) => Promise<VideoItem>) => (video: VideoItem) => {
    call(video.id).then(library.take, tellError);
  };
  const remove = (video: VideoItem) => {
    deleteVideo(video.id).then(() => library.forget(video.id), tellError);
  };
  const maySubmit = scopes.includes('submit');
  return {
    cancel: maySubmit ? act(cancelVideo) : null,
    retry: maySubmit ? act(retryVideo) : null,
    remove: scopes.includes('admin') ? remove : null,
  };
}

function Trouble({ library }: { readonly library: Library }) {
  const error = library.error.value;
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>{error?.message}</strong> {error?.advice}
      </p>
      <button type="button" onClick={library.again}>
        Try again
      </button>
    </div>
  );
}

/** What waits for its turn waits for ever where no worker runs. */
function NobodyWorks({ isWaiting }: { readonly isWaiting: boolean }) {
  const isAlone = useSignal(false);
  useEffect(() => {
    if (!isWaiting) return;
    const look = () => {
      countWorkers().then(
        (workers) => {
          isAlone.value = workers === 0;
        },
        () => {}, // The list beside it says what is wrong.
      );
    };
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isWaiting, isAlone]);
  if (!isWaiting || !isAlone.value) return null;
  return (
    <div class="trouble" role="status">
      <p>
        <strong>No worker is running.</strong> Videos wait until somebody starts one: <code>framescribe worker</code>
      </p>
    </div>
  );
}

function Placeholders() {
  return (
    <div class="cards" aria-hidden="true">
      {[0, 1, 2, 3, 4, 5].map((index) => (
        <div key={index} class="card ghost">
          <div class="thumb" />
          <div class="about">
            <i />
            <i />
          </div>
        </div>
      ))}
    </div>
  );
}

/** Loads what follows when it comes near; a button, for those who don't scroll. */
function More({ library }: { readonly library: Library }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && library.more(), {
      rootMargin: '600px',
    });
    if (button.current) watcher.observe(button.current);
    return () => watcher.disconnect();
  }, [library]);
  return (
    <p class="more">
      <button type="button" ref={button} onClick={library.more}>
        Show more
      </button>
    </p>
  );
}
