import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { SessionFacts } from '../src/server/contract/index.ts';
import { type RequestError, toRequestError, turnedAway } from './api/request.ts';
import { readSession, signOut } from './api/videos.ts';
import { DropPlace } from './library/add.tsx';
import { LibraryPage, mayUpload } from './library/page.tsx';
import { loadTus } from './library/sender.ts';
import { createUploads } from './library/uploads.ts';
import { Header } from './shell/header.tsx';
import { Notices, tellError } from './shell/notices.tsx';
import { go, place } from './shell/place.ts';
import { SignIn } from './shell/sign-in.tsx';
import { loadVideoPage, VideoPageLater } from './video/later.tsx';

/** The page: who is there, then the library or a video. Uploads go on whichever of them is shown. */
export function App() {
  const session = useSignal<SessionFacts | null>(null);
  const problem = useSignal<RequestError | null>(null);
  const enter = () => {
    readSession().then(
      (facts) => {
        session.value = facts;
        problem.value = null;
      },
      (cause: unknown) => {
        session.value = null;
        problem.value = toRequestError(cause);
      },
    );
  };
  useEffect(enter, []);
  useEffect(() => {
    if (session.value !== null) enter();
  }, [turnedAway.value]);
  const uploads = useMemo(() => createUploads(() => session.value?.uploads?.maxBytes ?? null), [session]);
  useEffect(() => {
    if (session.value !== null && mayUpload(session.value)) uploads.recall();
  }, [session.value, uploads]);
  // While nobody waits for it.
  useEffect(() => {
    setTimeout(() => {
      loadVideoPage();
      loadTus().catch(() => {});
    }, 1500);
  }, []);
  const leave = () => {
    signOut().then(enter, tellError);
  };
  useFocusOnArrival();
  const facts = session.value;
  const video = /^\/videos\/([^/]+)$/.exec(place.value.path)?.[1];
  const addFiles = (files: Iterable<File>) => {
    uploads.add(files);
    if (place.value.path !== '/' || place.value.query.size > 0) go('/');
  };
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header session={facts} onSignOut={leave} />
      {facts !== null && place.value.path === '/' && <LibraryPage session={facts} uploads={uploads} />}
      {facts !== null && video !== undefined && (
        <VideoPageLater key={video} id={decodeURIComponent(video)} session={facts} />
      )}
      {facts !== null && place.value.path !== '/' && video === undefined && <Nowhere />}
      {facts !== null && mayUpload(facts) && <DropPlace onFiles={addFiles} />}
      {problem.value?.status === 401 && <SignIn onSignedIn={enter} />}
      {problem.value !== null && problem.value.status !== 401 && <Closed problem={problem.value} onAgain={enter} />}
      <Notices />
    </>
  );
}

/** Another place in the page is where reading goes on, for those who don't see that it changed. */
function useFocusOnArrival(): void {
  const { path } = place.value;
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) document.getElementById('main')?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
}

function Nowhere() {
  return (
    <main id="main" tabIndex={-1} class="empty small">
      <h1>There is nothing here</h1>
      <p>
        <a href="/">Show all videos</a>
      </p>
    </main>
  );
}

function Closed({ problem, onAgain }: { readonly problem: RequestError; readonly onAgain: () => void }) {
  return (
    <main id="main" tabIndex={-1} class="empty small">
      <h1>{problem.message}</h1>
      <p role="alert">{problem.advice}</p>
      <p>
        <button type="button" class="primary" onClick={onAgain}>
          Try again
        </button>
      </p>
    </main>
  );
}
