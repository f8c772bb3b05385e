import { perHour } from './pulse.ts';
import { failedCount, type RunState } from './run-state.ts';

const MS_PER_HOUR = 3_600_000;

/** A run as people look at it. Times are milliseconds since 1970. */
export interface RunView {
  readonly name: string;
  readonly source: string;
  readonly mode: RunState['spec']['mode'];
  readonly model: string;
  /** `interrupted`: it goes on when somebody resumes it. */
  readonly status: RunState['status'] | 'interrupted';
  readonly reason: RunState['reason'];
  /** Host and process that drive it; null where nobody does. */
  readonly driver: string | null;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly listed: number;
  readonly isListed: boolean;
  /** Videos that the filters let through; null until they are counted. */
  readonly total: number | null;
  readonly leftOut: RunState['leftOut'];
  /** In the queue or with a worker. */
  readonly underWay: number;
  /** Chosen, and taken out of the queue for now. */
  readonly held: number;
  readonly completed: number;
  readonly failed: number;
  readonly failedBy: Readonly<Record<string, number>>;
  readonly videoHours: number;
  readonly cpuHours: number;
  /** Null where no price is set. */
  readonly cost: number | null;
  /** Ends an hour; null where too little is known, as for the next. */
  readonly perHour: number | null;
  readonly leftMs: number | null;
}

export function viewOf(state: RunState, driver: string | null, pricePerCpuHour: number, nowMs: number): RunView {
  const { name, spec, reason, startedMs, endedMs, listed, isListed, total, leftOut, completed, failed } = state;
  const cpuHours = state.cpuMs / MS_PER_HOUR;
  const held = state.items.filter(({ isHeld }) => isHeld).length;
  const rate = state.status === 'running' ? perHour(state.pulse, state.resumedMs, nowMs) : null;
  const left = videosLeft(state);
  return {
    ...{ name, source: spec.source, mode: spec.mode, model: `${spec.model.name} ${spec.model.version}` },
    status: state.status === 'running' && driver === null ? 'interrupted' : state.status,
    ...{ reason, driver, startedMs, endedMs, listed, isListed, total, leftOut },
    underWay: state.items.length - held,
    held,
    completed,
    failed: failedCount(state),
    failedBy: failed,
    videoHours: state.videoMs / MS_PER_HOUR,
    cpuHours,
    cost: pricePerCpuHour === 0 ? null : cpuHours * pricePerCpuHour,
    perHour: rate,
    leftMs: rate === null || left === null ? null : (left / rate) * MS_PER_HOUR,
  };
}

/** Those on their way, and of what is still to be listed the share that was taken so far; null before it's counted. */
function videosLeft(state: RunState): number | null {
  const { items, isListed, total, listed, leftOut } = state;
  if (isListed) return items.length;
  if (total === null) return null;
  const seen = listed - leftOut.name - leftOut.age - leftOut.size;
  const taken = seen - leftOut.present - leftOut.twice;
  const share = seen === 0 ? 1 : taken / seen;
  return items.length + Math.max(0, total - seen) * share;
}
