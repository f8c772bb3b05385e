import type { JobProgress } from '../src/queue/jobs.ts';

/** Passes the newest progress on, one write at a time: what comes meanwhile is overtaken by what comes later. */
export class ProgressReport {
  readonly #write: (progress: JobProgress) => Promise<void>;
  #next: JobProgress | null = null;
  #writing: Promise<void> | null = null;

  constructor(write: (progress: JobProgress) => Promise<void>) {
    this.#write = write;
  }

  tell(progress: JobProgress): void {
    this.#next = progress;
    this.#writing ??= this.#drain();
  }

  async settled(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    for (let next = this.#next; next !== null; next = this.#next) {
      this.#next = null;
      await this.#write(next).catch(() => {}); // The next one may get through, and the result doesn't need it.
    }
    this.#writing = null;
  }
}
