import type { FramescribeError } from '../domain/errors.ts';
import type { Result } from '../domain/result.ts';
import type { RunReport } from '../domain/run.ts';
import type { JobStatus } from '../queue/status.ts';

/** An error as a person reads it: what happened, its code, what to do. On stderr. */
export function printError(error: FramescribeError, source?: string): void {
  const subject = source === undefined ? '' : `${printable(source)}: `;
  process.stderr.write(`${subject}${printable(error.message)} [${error.code}]\n  ${error.kind.advice}\n`);
}

/** The human summary of one result, on stdout. */
export function printResult(result: Result, place: string, cost: RunReport['cost']): void {
  const { video, shots, keyframes, chapters, tags, summary, warnings } = result;
  const lines = [
    `${printable(video.source)} (${clock(video.durationMs)}, ${count(shots.length, 'shot')}, ${count(keyframes.length, 'keyframe')})`,
    '',
    `  ${summary.text}`,
    '',
    ...(chapters.length > 1 ? chapters.map(({ startMs, title }) => `  ${clock(startMs)}  ${title}`).concat('') : []),
    ...(tags.length > 0
      ? [
          `  tags: ${tags
            .slice(0, 12)
            .map(({ name }) => name)
            .join(', ')}`,
        ]
      : []),
    ...warnings.map(({ code, message }) => `  note: ${printable(message)} [${code}]`),
    ...(cost === null ? [] : [`  cost: ${cost.total} (${cost.perVideoHour} for an hour of video)`]),
    `  ${printable(place)}`,
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** One submitted video, on stdout. */
export function printStatus(status: JobStatus, json: boolean): void {
  const { id, state, source, progress, result, failure } = status;
  const lines = [`${id}  ${state}  ${printable(source)}`];
  if (progress && state === 'active') lines.push(`  ${progress.stage}, ${clock(progress.doneMs)}`);
  if (result) lines.push(`  ${result.summary}`, `  ${printable(result.place)}`);
  if (failure && state !== 'completed') lines.push(`  ${printable(failure.message)} [${failure.code}]`);
  process.stdout.write(`${json ? JSON.stringify(status) : lines.join('\n')}\n`);
}

/** `1:02:03`, or `2:03` below an hour. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** Text from outside without control characters, which could rewrite the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
