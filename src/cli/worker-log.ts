import type { WorkerEvent } from '../../workers/worker.ts';
import type { Log } from '../observe/log.ts';

/** Whoever writes a line may have read untrusted bytes. */
const LONGEST = 4_000;
const SAME_TROUBLE_MS = 10_000;

/** A line for each event; the same trouble is told now and then only. */
export function workerLog(log: Log): (event: WorkerEvent) => void {
  let trouble = '';
  let toldAt = 0;
  return (event) => {
    const { kind } = event;
    if (kind === 'trouble') {
      if (event.reason === trouble && Date.now() - toldAt < SAME_TROUBLE_MS) return;
      trouble = event.reason;
      toldAt = Date.now();
      log.error({ event: kind }, `trouble: ${event.reason}`);
    } else if (kind === 'said') log.warn({ event: kind }, `describer: ${event.line.slice(0, LONGEST)}`);
    else if (kind === 'measured') log.debug({ event: kind, ...event.measures }, 'measured: a piece of work');
    else if (kind !== 'vitals' && kind !== 'ended') {
      const { id, type } = event;
      const line = `${kind}: ${type} ${id}`;
      if (kind === 'failed') {
        const { code, message, retryable } = event.failure;
        const facts = { ...common(event), workMs: event.workMs, code, retryable, isLast: event.isLast };
        log[event.isLast ? 'error' : 'warn'](facts, `${line}: ${code}: ${message.slice(0, LONGEST)}`);
      } else if (kind === 'completed') log.info({ ...common(event), workMs: event.workMs }, line);
      else if (kind === 'taken') log.info({ ...common(event), waitMs: event.waitMs ?? undefined }, line);
      else log[kind === 'computing' ? 'debug' : 'warn']({ event: kind, type, job: id }, line);
    }
  };
}

function common({ kind, type, id, video, attempt }: Extract<WorkerEvent, { readonly attempt: number }>) {
  return { event: kind, type, job: id, video, attempt };
}
