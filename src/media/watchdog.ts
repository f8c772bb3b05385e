import { FramescribeError } from '../domain/errors.ts';

export interface WatchdogLimits {
  /** Time for what doesn't depend on length, and the longest time without a frame. */
  readonly deadlineMs: number;
  readonly deadlinePerVideoSecondMs: number;
  readonly claimedDurationMs: number;
}

const TICK_MS = 200;

/** Watches that a decode goes on and ends in time. Time in which we made it wait doesn't count. */
export class Watchdog {
  readonly #limits: WatchdogLimits;
  readonly #timer: NodeJS.Timeout;
  #seenMs = 0;
  #activeMs = 0;
  #idleMs = 0;
  #waiting = false;
  #before = performance.now();

  constructor(limits: WatchdogLimits, onLate: (error: FramescribeError) => void) {
    this.#limits = limits;
    this.#timer = setInterval(() => {
      const error = this.#check();
      if (error) onLate(error);
    }, TICK_MS);
  }

  /** A frame came: the video goes on to here at least. */
  progress(seenMs: number): void {
    this.#seenMs = Math.max(seenMs, this.#seenMs);
    this.#idleMs = 0;
  }

  /** Whether the decode has to wait for us. */
  wait(waiting: boolean): void {
    this.#waiting = waiting;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): FramescribeError | null {
    const now = performance.now();
    // A process that was stopped or starved for a while didn't decode in that time either.
    const passed = Math.min(now - this.#before, 5 * TICK_MS);
    this.#before = now;
    if (this.#waiting) return null;
    this.#activeMs += passed;
    this.#idleMs += passed;
    const { deadlineMs, deadlinePerVideoSecondMs, claimedDurationMs } = this.#limits;
    const allowedMs = deadlineMs + (deadlinePerVideoSecondMs * Math.max(claimedDurationMs, this.#seenMs)) / 1000;
    if (this.#activeMs > allowedMs) return late(`Expected the scan to end within ${allowedMs} ms, but it ran on`);
    if (this.#idleMs > deadlineMs) return late(`Expected a frame within ${deadlineMs} ms, but none came`);
    return null;
  }
}

function late(message: string): FramescribeError {
  return new FramescribeError('DEADLINE_EXCEEDED', message);
}
