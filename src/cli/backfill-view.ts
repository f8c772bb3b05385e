import type { RunView } from '../backfill/view.ts';
import { clock, printable } from './print.ts';

const DRAW_EVERY_MS = 250;
const PLAIN_EVERY_MS = 10_000;

/** Shows a run while it goes on: lines that redraw on a terminal, one line now and then elsewhere. */
export class BackfillView {
  readonly #stream: NodeJS.WriteStream;
  #shownMs = 0;
  #drawn = 0;
  #said = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  update(view: RunView): void {
    const nowMs = Date.now();
    if (nowMs - this.#shownMs < (this.#stream.isTTY ? DRAW_EVERY_MS : PLAIN_EVERY_MS)) return;
    this.#shownMs = nowMs;
    if (!this.#stream.isTTY) return void this.#stream.write(`${plainLine(view)}\n`);
    const lines = viewLines(view).map((line) => shorten(line, this.#stream.columns ?? 80));
    this.clear();
    this.#stream.write(lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  /** Says something once, above what is redrawn. */
  say(line: string): void {
    if (line === this.#said) return;
    this.#said = line;
    this.clear();
    this.#stream.write(`${printable(line)}\n`);
  }

  /** Takes what was drawn off the terminal. */
  clear(): void {
    if (this.#drawn > 0) this.#stream.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}

/** A run as a person reads it; the first line says which it is. */
export function viewLines(view: RunView): readonly string[] {
  const { name, status, source, mode, model, reason, driver, completed, failed, underWay, held, leftOut } = view;
  const failures = Object.entries(view.failedBy).sort(([, a], [, b]) => b - a);
  const others = leftOut.name + leftOut.age + leftOut.size + leftOut.twice;
  const money = view.cost === null ? '' : `, cost ${significant(view.cost)}`;
  return [
    `${name}  ${status}  ${source}  (${mode}, ${model})`,
    ...(reason === null ? [] : [`  ${reason.message} [${reason.code}]`]),
    `  ${progressOf(view)}`,
    `  done ${completed}, failed ${failed}, under way ${underWay}${held > 0 ? `, held ${held}` : ''}`,
    ...failures.map(([code, number]) => `    ${String(number).padStart(6)}  ${code}`),
    `  there already ${leftOut.present}, left out ${others}`,
    `  ${speedOf(view)}${significant(view.videoHours)} h of video, ${significant(view.cpuHours)} CPU h${money}`,
    ...(driver === null || status !== 'running' ? [] : [`  driven by ${driver}`]),
  ].map(printable);
}

function plainLine(view: RunView): string {
  const { name, status, completed, failed, underWay } = view;
  return printable(
    `${name}  ${status}  ${progressOf(view)}, done ${completed}, failed ${failed}, under way ${underWay}`,
  );
}

function progressOf({ listed, isListed, total, leftOut }: RunView): string {
  const seen = listed - leftOut.name - leftOut.age - leftOut.size;
  if (isListed) return `all ${seen} videos seen`;
  return total === null ? `${seen} videos seen so far` : `${seen} of ${total} videos seen`;
}

function speedOf({ perHour, leftMs }: RunView): string {
  if (perHour === null) return '';
  const left = leftMs === null ? '' : `${clock(leftMs)} left, `;
  return `${perHour < 10 ? perHour.toFixed(1) : Math.round(perHour)} an hour, ${left}`;
}

/** Two decimals, or two digits of what is less than that. */
export function significant(number: number): string {
  return number >= 0.1 || number === 0 ? number.toFixed(2) : String(Number(number.toPrecision(2)));
}

function shorten(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
