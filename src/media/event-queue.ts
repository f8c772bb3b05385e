/**
 * Carries events from pipes, which come when they come, to a reader that takes them one by one. An event may be a
 * promise; order stays. When more than `limit` wait, `onFull` is told, and `onDrained` when half of them were taken.
 */
export class EventQueue<Event> {
  readonly #limit: number;
  readonly #onFull: () => void;
  readonly #onDrained: () => void;
  readonly #events: (Event | Promise<Event>)[] = [];
  #wake: (() => void) | null = null;
  #closed = false;
  #full = false;

  constructor(limit: number, onFull: () => void, onDrained: () => void) {
    this.#limit = limit;
    this.#onFull = onFull;
    this.#onDrained = onDrained;
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  push(event: Event | Promise<Event>): void {
    if (event instanceof Promise) event.catch(() => {}); // The reader meets it in its turn, if it ever does.
    this.#events.push(event);
    if (!this.#full && this.#events.length > this.#limit) {
      this.#full = true;
      this.#onFull();
    }
    this.#wake?.();
  }

  /** No more events will come: the reader ends after those that wait. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event> {
    while (true) {
      const event = this.#events.shift();
      if (event !== undefined) {
        if (this.#full && this.#events.length <= this.#limit / 2) {
          this.#full = false;
          this.#onDrained();
        }
        yield await event;
      } else if (this.#closed) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }

  /** Settles when every promise that still waits has, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#events);
  }
}
