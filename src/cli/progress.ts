import type { Progress } from '../pipeline/describe.ts';
import { clock, printable } from './print.ts';

const BAR_WIDTH = 24;
const PLAIN_EVERY_MS = 10_000;
const DRAW_EVERY_MS = 100;

/** Shows how far one video has come: a bar that redraws on a terminal, a plain line now and then elsewhere. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #label: string;
  readonly #start = Date.now();
  #shownAt = this.#start;
  #stage = '';

  constructor(label: string, stream: NodeJS.WriteStream) {
    this.#label = printable(label);
    this.#stream = stream;
  }

  update(progress: Progress): void {
    const now = Date.now();
    const every = this.#stream.isTTY ? DRAW_EVERY_MS : PLAIN_EVERY_MS;
    const isNew = this.#stream.isTTY && progress.stage !== this.#stage;
    if (!isNew && now - this.#shownAt < every) return;
    this.#stage = progress.stage;
    this.#shownAt = now;
    const text = this.#describe(progress, now - this.#start);
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[2K${shorten(text, this.#stream.columns ?? 80)}` : `${text}\n`);
  }

  /** Takes the bar off the terminal. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[2K');
  }

  #describe({ stage, doneMs, totalMs, keyframes }: Progress, elapsedMs: number): string {
    const speed = elapsedMs > 0 ? doneMs / elapsedMs : 0;
    const share = totalMs === null || totalMs === 0 ? null : Math.min(1, doneMs / totalMs);
    const parts = [this.#label, stage];
    if (share !== null && stage === 'scan') {
      if (this.#stream.isTTY) parts.push(bar(share));
      parts.push(`${Math.floor(share * 100)}%`);
    }
    if (doneMs > 0) parts.push(`${clock(doneMs)}`, `${speed.toFixed(1)}x`, `${keyframes} keyframes`);
    if (share !== null && share > 0 && stage === 'scan') {
      parts.push(`${clock((elapsedMs * (1 - share)) / share)} left`);
    }
    return parts.join('  ');
  }
}

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  return `${'━'.repeat(full)}${'┄'.repeat(BAR_WIDTH - full)}`;
}

function shorten(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
