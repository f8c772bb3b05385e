import { signal } from '@preact/signals';
import type { VideoItem } from '../../src/server/contract/index.ts';
import { request } from './request.ts';

/** What happens to videos. */
export interface Listener {
  readonly video?: (video: VideoItem) => void;
  readonly removed?: (id: string) => void;
  readonly edited?: (id: string) => void;
  /** Too much was missed: load it all again. */
  readonly reset?: () => void;
}

/** Whether events arrive at the moment; null before the first connection. */
export const connected = signal<boolean | null>(null);

const LONGEST_WAIT_MS = 15_000;

/**
 * Listens to a stream of events until the function that comes back is called. The browser connects again by itself, with
 * the id of the last event; where it gives up (the server was away for long, or said no), a new connection is made, and
 * all is loaded again.
 */
export function listen(path: string, listener: Listener): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = 500;
  let isFirst = true;

  const open = () => {
    source = new EventSource(path);
    source.addEventListener('open', () => {
      connected.value = true;
      waitMs = 500;
      if (!isFirst) listener.reset?.();
      isFirst = true;
    });
    source.addEventListener('error', () => {
      connected.value = false;
      if (source.readyState !== EventSource.CLOSED) return;
      isFirst = false;
      // The browser doesn't tell why; if the session has ended, an answer to this does.
      request('/v1/session').catch(() => {});
      timer = setTimeout(open, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    });
    on<VideoItem>('video', (video) => listener.video?.(video));
    on<{ id: string }>('removed', ({ id }) => listener.removed?.(id));
    on<{ id: string }>('edited', ({ id }) => listener.edited?.(id));
    on('reset', () => listener.reset?.());
  };
  const on = <T>(name: string, act: (data: T) => void) =>
    source.addEventListener(name, (event) => act(JSON.parse((event as MessageEvent<string>).data) as T));

  open();
  return () => {
    clearTimeout(timer);
    source.close();
    connected.value = null;
  };
}
