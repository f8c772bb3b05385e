import { type ReadonlySignal, signal } from '@preact/signals';
import type { VideoItem } from '../../src/server/contract/index.ts';
import { listen } from '../api/live.ts';
import { type RequestError, toRequestError } from '../api/request.ts';
import { eventsPath, listVideos, type Question } from '../api/videos.ts';

/** The videos that answer a question, kept up to date while it's asked. */
export interface Library {
  /** Null until the first answer. */
  readonly videos: ReadonlySignal<readonly VideoItem[] | null>;
  readonly total: ReadonlySignal<number>;
  readonly hasMore: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<RequestError | null>;
  readonly ask: (question: Question) => void;
  readonly more: () => void;
  readonly again: () => void;
  /** Takes in what an answer to a request said of a video. */
  readonly take: (video: VideoItem) => void;
  readonly forget: (id: string) => void;
  readonly close: () => void;
}

/** How long typing may go on before the server is asked. */
const PATIENCE_MS = 150;

export function openLibrary(): Library {
  const videos = signal<readonly VideoItem[] | null>(null);
  const total = signal(0);
  const next = signal<string | null>(null);
  const hasMore = signal(false);
  const loading = signal(false);
  const error = signal<RequestError | null>(null);
  let question: Question | null = null;
  let asking = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const load = async (cursor: string | null) => {
    if (question === null) return;
    asking.abort();
    asking = new AbortController();
    const { signal: stop } = asking;
    loading.value = true;
    try {
      const answer = await listVideos(question, cursor, stop);
      const known = cursor === null ? [] : (videos.value ?? []);
      const ids = new Set(known.map(({ id }) => id));
      videos.value = [...known, ...answer.videos.filter(({ id }) => !ids.has(id))];
      total.value = answer.total;
      next.value = answer.next;
      hasMore.value = answer.next !== null;
      error.value = null;
    } catch (cause) {
      if (stop.aborted) return;
      error.value = toRequestError(cause);
    }
    loading.value = false;
  };
  const again = () => void load(null);

  const take = (video: VideoItem) => {
    const known = videos.value;
    if (known === null || question === null) return;
    const isKnown = known.some(({ id }) => id === video.id);
    const keeps = fits(video, question);
    if (isKnown) {
      // The moments belong to the question; events don't know it.
      const merge = (one: VideoItem) => ({ ...video, ...(one.moments ? { moments: one.moments } : {}) });
      videos.value = keeps
        ? known.map((one) => (one.id === video.id ? merge(one) : one))
        : known.filter(({ id }) => id !== video.id);
      if (!keeps) total.value = Math.max(total.value - 1, 0);
    } else if (keeps && question.q === '' && question.tags.length === 0 && question.sort === 'newest') {
      videos.value = [...known, video].sort((one, other) => other.submittedMs - one.submittedMs);
      total.value += 1;
    }
  };
  const forget = (id: string) => {
    const known = videos.value;
    if (!known?.some((video) => video.id === id)) return;
    videos.value = known.filter((video) => video.id !== id);
    total.value = Math.max(total.value - 1, 0);
  };
  const close = listen(eventsPath(), { video: take, removed: forget, reset: again });

  return {
    videos,
    total,
    hasMore,
    loading,
    error,
    ask: (asked) => {
      const typed = question !== null && asked.q !== question.q;
      question = asked;
      clearTimeout(timer);
      timer = setTimeout(again, typed ? PATIENCE_MS : 0);
    },
    more: () => {
      if (next.value !== null && !loading.value) void load(next.value);
    },
    again,
    take,
    forget,
    close: () => {
      clearTimeout(timer);
      asking.abort();
      close();
    },
  };
}

function fits({ state }: VideoItem, { states }: Question): boolean {
  return states.length === 0 || states.includes(state);
}
