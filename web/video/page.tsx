import { signal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Result } from '../../src/domain/result.ts';
import { counted, duration, fileSize, framesPerSecond } from '../../src/render/format.ts';
import type { SessionFacts, VideoDetail } from '../../src/server/contract/index.ts';
import { RequestError, toRequestError } from '../api/request.ts';
import { correctVideo } from '../api/videos.ts';
import { Icon } from '../shell/icon.tsx';
import { place } from '../shell/place.ts';
import { Chapters } from './chapters.tsx';
import { DeleteVideo } from './delete.tsx';
import { type Desk, DeskProvider, NOTHING_LIT, type Range, readAttention } from './desk.ts';
import { Files } from './files.tsx';
import { Filmstrip, FilmstripToCome } from './filmstrip.tsx';
import { Frames } from './frames.tsx';
import { Now } from './now.tsx';
import { filesOf, type OpenVideo, openVideo } from './open-video.ts';
import { createPlayback } from './playback.ts';
import { Provenance } from './provenance.tsx';
import { Stage } from './stage.tsx';
import { storyOf } from './story.ts';
import { readStoryboard, type Storyboard } from './storyboard.ts';
import { Summary } from './summary.tsx';
import { Tags } from './tags.tsx';
import { Timeline } from './timeline.tsx';
import { Waiting } from './waiting.tsx';

/** One video: on its way, or with all that was found in it. */
export function VideoPage({ id, session }: { readonly id: string; readonly session: SessionFacts }) {
  const opened = useMemo(() => openVideo(id), [id]);
  useEffect(() => opened.close, [opened]);
  const video = opened.video.value;
  const result = opened.result.value;
  const error = opened.error.value;
  const isGone = error !== null && (error.status === 404 || error.code === 'REQUEST_INVALID');
  useEffect(() => {
    document.title = video ? `${video.name} – Framescribe` : 'Framescribe';
  }, [video?.name]);
  return (
    <main id="main" tabIndex={-1} class="video">
      <p class="way-back">
        <a href="/">
          <Icon name="back" /> Library
        </a>
      </p>
      {error && !video && <h1>{isGone ? 'This video isn’t here' : 'The video can’t be shown'}</h1>}
      {isGone && (
        <p class="lead">
          It was removed, or its address isn’t whole. <a href="/">Show all videos</a>
        </p>
      )}
      {error && !isGone && (
        <div class="trouble" role="alert">
          <p>
            <strong>{error.message}</strong> {error.advice}
          </p>
          <button type="button" onClick={() => void opened.again()}>
            Try again
          </button>
        </div>
      )}
      {video && (
        <div class="title">
          <h1>
            <bdi>{video.name}</bdi>
          </h1>
          {result && <Facts result={result} />}
        </div>
      )}
      {video && !result && <Waiting video={video} session={session} onAgain={() => void opened.again()} />}
      {video && result && <Described opened={opened} video={video} result={result} session={session} />}
    </main>
  );
}

function Facts({ result }: { readonly result: Result }) {
  const { video, shots, keyframes } = result;
  const rate = framesPerSecond(video.frameRate);
  const facts = [
    duration(video.durationMs),
    `${video.displayWidth} × ${video.displayHeight}`,
    video.codec.toUpperCase(),
    rate === null ? null : `${rate} fps${video.variableFrameRate ? ', variable' : ''}`,
    video.hdr ? 'HDR' : null,
    fileSize(video.bytes),
    counted(shots.length, 'shot'),
    counted(keyframes.length, 'keyframe'),
  ].filter((fact) => fact !== null);
  return (
    <ul class="facts" aria-label="Facts of the video">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}

interface DescribedProps {
  readonly opened: OpenVideo;
  readonly video: VideoDetail;
  readonly result: Result;
  readonly session: SessionFacts;
}

function Described({ opened, video, result, session }: DescribedProps) {
  const desk = useDeskOf({ opened, video, result, session });
  const storyboard = useStoryboard(desk);
  return (
    <DeskProvider value={desk}>
      <div class="desk">
        <div class="watch">
          <Stage media={video.media} />
          <Timeline storyboard={storyboard} />
          {storyboard && storyboard.tiles.length > 1 && <Filmstrip storyboard={storyboard} />}
          {!storyboard && desk.story.scenes.length > 1 && desk.files.has('storyboard.vtt') && <FilmstripToCome />}
          <Now />
        </div>
        <div class="read">
          <Summary />
          <Chapters />
          <Tags />
          <Frames />
        </div>
      </div>
      <Files artifacts={video.artifacts} />
      <Provenance />
      {session.scopes.includes('admin') && <DeleteVideo id={video.id} />}
    </DeskProvider>
  );
}

/** What an edit changes is the story; the place in the video, and what is lit, stay. */
function useDeskOf({ opened, video, result, session }: DescribedProps): Desk {
  const { durationMs } = result.video;
  const kept = useMemo(
    () => ({
      playback: createPlayback(durationMs, startOf(place.value.hash)),
      lit: signal(NOTHING_LIT),
      marked: signal<readonly Range[]>([]),
      gaze: signal(null),
    }),
    [durationMs],
  );
  const files = useMemo(() => filesOf(video), [video]);
  const attention = useMemo(() => readAttention(files), [files]);
  const story = useMemo(() => storyOf(result), [result]);
  return useMemo(
    () => ({
      ...kept,
      story,
      files,
      loadAttention: attention.load,
      gridsOf: ({ id, sameAs }) => attention.grids.value?.[sameAs ?? id] ?? null,
      correct: session.scopes.includes('submit')
        ? async (correction) => {
            const done = correctVideo(video.id, result.digest, correction);
            await done.catch(inWords).finally(opened.again);
          }
        : null,
    }),
    [kept, story, files, attention, session, video.id, result.digest, opened],
  );
}

/** What the server says of a conflict is for programs: here the page shows what there is now. */
function inWords(cause: unknown): never {
  if (toRequestError(cause).code !== 'EDIT_CONFLICT') throw cause;
  throw new RequestError({
    code: 'EDIT_CONFLICT',
    status: 409,
    detail: 'Somebody changed this video meanwhile.',
    advice: 'It’s shown as it is now: look at it, and do it again if you still want to.',
  });
}

/** `#t=12000` leads to 12 s. */
function startOf(hash: string): number {
  return Number(/^t=(\d{1,12})$/.exec(hash)?.[1] ?? 0);
}

function useStoryboard({ files }: Desk): Storyboard | null {
  const storyboard = useSignal<Storyboard | null>(null);
  useEffect(() => {
    if (!files.has('storyboard.vtt') || !files.has('storyboard.jpg')) return;
    files.text('storyboard.vtt').then(
      (vtt) => {
        storyboard.value = readStoryboard(vtt, files.url('storyboard.jpg'));
      },
      () => {}, // The timeline does without pictures.
    );
  }, [files, storyboard]);
  return storyboard.value;
}
