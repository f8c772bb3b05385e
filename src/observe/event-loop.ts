import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.99, 0.999, 1] as const;

export interface EventLoopWatch extends Disposable {
  /** Seconds of lag by quantile since the last call; 1 is the longest. */
  read(): readonly { readonly quantile: (typeof QUANTILES)[number]; readonly seconds: number }[];
}

/** Watches how late this thread's timers come. */
export function watchEventLoop(): EventLoopWatch {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return {
    read: () => {
      const read = QUANTILES.map((quantile) => ({ quantile, seconds: lagSeconds(delays.percentile(quantile * 100)) }));
      delays.reset();
      return read;
    },
    [Symbol.dispose]: () => delays.disable(),
  };
}

/** The histogram counts nanoseconds from timer to timer. */
function lagSeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
}
