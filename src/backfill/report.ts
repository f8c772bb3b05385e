import { ERROR_KINDS, type ErrorCode } from '../domain/errors.ts';
import type { RunState } from './run-state.ts';
import type { RunView } from './view.ts';

/** `report.json`: what became of a run. `listed` is the sum of those left out, completed and failed. */
export interface RunReport {
  readonly schema: 'framescribe/backfill-report@1';
  readonly name: string;
  readonly status: RunView['status'];
  readonly reason: RunView['reason'];
  readonly source: string;
  readonly mode: RunView['mode'];
  readonly filters: RunState['spec']['filters'];
  readonly model: RunState['spec']['model'];
  readonly options: RunState['spec']['wanted'];
  readonly started: string;
  readonly ended: string;
  readonly listed: number;
  readonly leftOut: RunView['leftOut'];
  readonly completed: number;
  readonly failed: number;
  readonly failedBy: RunView['failedBy'];
  readonly videoHours: number;
  readonly cpuHours: number;
  readonly sourceBytes: number;
  readonly cost: { readonly pricePerCpuHour: number; readonly total: number } | null;
}

export function reportOf(state: RunState, view: RunView, pricePerCpuHour: number): RunReport {
  const { name, status, reason, source, mode, listed, leftOut, completed, failed, failedBy } = view;
  const { filters, model, wanted } = state.spec;
  const total = view.cost;
  return {
    schema: 'framescribe/backfill-report@1',
    ...{ name, status, reason, source, mode, filters, model, options: wanted },
    started: new Date(state.startedMs).toISOString(),
    ended: new Date(state.endedMs ?? state.startedMs).toISOString(),
    ...{ listed, leftOut, completed, failed, failedBy },
    videoHours: round(view.videoHours, 4),
    cpuHours: round(view.cpuHours, 4),
    sourceBytes: state.bytes,
    cost: total === null ? null : { pricePerCpuHour, total: round(total, 4) },
  };
}

/** `report.md`. */
export function reportPage(report: RunReport): string {
  const { name, status, source, model, started, ended, listed, leftOut, completed, failed, failedBy, cost } = report;
  const rows: readonly (readonly [string, string | number])[] = [
    ['listed', listed],
    ['described', completed],
    ['failed', failed],
    ['there already', leftOut.present],
    ['left out by name', leftOut.name],
    ['left out by age', leftOut.age],
    ['left out by size', leftOut.size],
    ['named twice', leftOut.twice],
    ['hours of video', report.videoHours],
    ['CPU hours', report.cpuHours],
    ...(cost === null ? [] : [['cost', cost.total] as const]),
  ];
  const failures = Object.entries(failedBy).sort(([, a], [, b]) => b - a);
  return [
    `# ${name}: ${status}`,
    '',
    `${code(source)}, ${report.mode}, with ${model.name} ${model.version}, from ${started} to ${ended}.`,
    '',
    '| what | how many |',
    '| --- | ---: |',
    ...rows.map(([what, number]) => `| ${what} | ${number} |`),
    '',
    ...(failures.length === 0 ? ['Nothing failed.'] : failureTable(failures)),
    '',
  ].join('\n');
}

function failureTable(failures: readonly (readonly [string, number])[]): readonly string[] {
  return [
    '| failed with | how many | what to do |',
    '| --- | ---: | --- |',
    ...failures.map(([name, number]) => `| ${name} | ${number} | ${ERROR_KINDS[name as ErrorCode].advice} |`),
    '',
    'They are in `failures.jsonl`, one a line: `framescribe backfill failures.jsonl` tries them again.',
  ];
}

/** A name from outside, as Markdown shows it to the letter. */
function code(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
  const ticks = '`'.repeat(1 + Math.max(0, ...(plain.match(/`+/g) ?? []).map(({ length }) => length)));
  return ticks.length === 1 ? `\`${plain}\`` : `${ticks} ${plain} ${ticks}`;
}

function round(number: number, digits: number): number {
  return Math.round(number * 10 ** digits) / 10 ** digits;
}
