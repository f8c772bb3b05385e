import { type ReadonlySignal, signal } from '@preact/signals';
import type { Result } from '../../src/domain/result.ts';
import type { VideoDetail } from '../../src/server/contract/index.ts';
import { listen } from '../api/live.ts';
import { type RequestError, request, toRequestError } from '../api/request.ts';
import { eventsPath, readResult, readVideo } from '../api/videos.ts';
import type { ResultFiles } from './desk.ts';

/** A video and its result, followed for as long as they're shown. */
export interface OpenVideo {
  readonly video: ReadonlySignal<VideoDetail | null>;
  /** Null until it is completed. */
  readonly result: ReadonlySignal<Result | null>;
  readonly error: ReadonlySignal<RequestError | null>;
  readonly again: () => Promise<void>;
  readonly close: () => void;
}

export function openVideo(id: string): OpenVideo {
  const video = signal<VideoDetail | null>(null);
  const result = signal<Result | null>(null);
  const error = signal<RequestError | null>(null);
  const stop = new AbortController();

  const again = async () => {
    try {
      const detail = await readVideo(id, stop.signal);
      result.value = detail.state === 'completed' ? await readResult(id, stop.signal) : null;
      video.value = detail;
      error.value = null;
    } catch (cause) {
      if (stop.signal.aborted) return;
      error.value = toRequestError(cause);
      if (error.value.status === 404) {
        video.value = null;
        result.value = null;
      }
      // Of a video that isn't there nothing will be heard.
      if (error.value.status >= 400 && error.value.status < 500) close();
    }
  };
  const close = listen(eventsPath(id), {
    video: (item) => {
      const before = video.value;
      // Its artifacts, and the result, come with the end; what was edited meanwhile has an event of its own.
      if (before === null || item.state === 'completed') {
        if (before?.state !== 'completed' || before.endedMs !== item.endedMs) void again();
      } else video.value = { ...before, ...item };
    },
    edited: () => void again(),
    reset: () => void again(),
    removed: () => void again(),
  });
  void again();
  return {
    video,
    result,
    error,
    again,
    close: () => {
      stop.abort();
      close();
    },
  };
}

/** The files of a video's result, by the addresses that the server gave. */
export function filesOf({ artifacts }: VideoDetail): ResultFiles {
  const urls = new Map(artifacts.map(({ name, url }) => [name, url]));
  return {
    url: (name) => urls.get(name) ?? '',
    has: (name) => urls.has(name),
    text: async (name) => (await request(urls.get(name) ?? '')).text(),
  };
}
