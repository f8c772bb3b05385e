import { type ReadonlySignal, signal } from '@preact/signals';

/** Where the video is, for everything on its page: the player, the timeline, the frame that shows now. */
export interface Playback {
  readonly timeMs: ReadonlySignal<number>;
  readonly playing: ReadonlySignal<boolean>;
  /** Goes to a time; without a video that plays, only the page goes there. */
  readonly seek: (ms: number) => void;
  readonly toggle: () => void;
  /** Follows a video element, until the function that comes back is called. */
  readonly follow: (video: HTMLVideoElement) => () => void;
}

export function createPlayback(durationMs: number, startMs = 0): Playback {
  const timeMs = signal(startMs);
  const playing = signal(false);
  let player: HTMLVideoElement | null = null;

  const seek = (ms: number) => {
    const at = Math.min(Math.max(Math.round(ms), 0), Math.max(durationMs - 1, 0));
    timeMs.value = at;
    if (player) player.currentTime = at / 1000;
  };

  const follow = (video: HTMLVideoElement) => {
    const stop = new AbortController();
    const on = (name: keyof HTMLMediaElementEventMap, act: () => void) =>
      video.addEventListener(name, act, { signal: stop.signal });
    const tell = () => {
      timeMs.value = Math.round(video.currentTime * 1000);
    };
    const run = () => {
      if (stop.signal.aborted || video.paused) return;
      tell();
      requestAnimationFrame(run);
    };
    player = video;
    on('loadedmetadata', () => {
      if (timeMs.value > 0) video.currentTime = timeMs.value / 1000;
    });
    on('play', () => {
      playing.value = true;
      run();
    });
    on('pause', () => {
      playing.value = false;
    });
    // Before its data has come, a player stands at 0 whatever it was asked for.
    on('seeked', tell);
    return () => {
      stop.abort();
      player = null;
      playing.value = false;
    };
  };

  const toggle = () => {
    if (player?.paused) void player.play();
    else player?.pause();
  };
  return { timeMs, playing, seek, toggle, follow };
}
