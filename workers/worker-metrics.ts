import { createMetrics, type Metrics } from '../src/observe/metrics.ts';
import type { Vitals } from './messages.ts';
import type { WorkerEvent } from './worker.ts';

/** Counts what a worker tells of itself. */
export interface WorkerMetrics {
  readonly metrics: Metrics;
  hear(event: WorkerEvent): void;
}

export function countWorker(): WorkerMetrics {
  const metrics = createMetrics();
  const describers = new Map<number, Vitals>();
  const showVitals = () => {
    const sum = (of: (vitals: Vitals) => number) =>
      [...describers.values()].reduce((total, each) => total + of(each), 0);
    metrics.memory.set(
      { program: 'describer' },
      sum(({ memoryBytes }) => memoryBytes),
    );
    metrics.memory.set(
      { program: 'ffmpeg' },
      sum(({ ffmpegMemoryBytes }) => ffmpegMemoryBytes),
    );
    metrics.tempUsed.set(sum(({ tempBytes }) => tempBytes));
  };
  const hearVitals = (pid: number, vitals: Vitals) => {
    const last = describers.get(pid);
    metrics.cpuSeconds.inc({ program: 'describer' }, seconds(vitals.cpuMs - (last?.cpuMs ?? 0)));
    metrics.cpuSeconds.inc({ program: 'ffmpeg' }, seconds((vitals.ffmpegCpuMs ?? 0) - (last?.ffmpegCpuMs ?? 0)));
    describers.set(pid, vitals);
    showVitals();
  };
  const hearTry = (event: Extract<WorkerEvent, { kind: 'taken' | 'completed' | 'failed' }>) => {
    const { type } = event;
    if (event.kind === 'taken') {
      metrics.taken.inc({ type });
      if (event.waitMs !== null) metrics.waitSeconds.observe({ type }, seconds(event.waitMs));
      return;
    }
    metrics.jobSeconds.observe({ type, outcome: event.kind }, seconds(event.workMs));
    if (event.kind === 'failed') metrics[event.isLast ? 'failed' : 'retried'].inc({ type, code: event.failure.code });
    else metrics.completed.inc({ type });
  };
  const hear = (event: WorkerEvent) => {
    switch (event.kind) {
      case 'taken':
      case 'completed':
      case 'failed':
        return hearTry(event);
      case 'stalled':
        return metrics.stalled.inc({ type: event.type });
      case 'lock-lost':
        return metrics.locksLost.inc({ type: event.type });
      case 'computing':
        return;
      case 'trouble':
        return metrics.troubles.inc();
      case 'measured': {
        const { stages, captions, bytesIn, bytesOut } = event.measures;
        for (const { stage, wallMs } of stages) metrics.stageSeconds.observe({ stage }, seconds(wallMs));
        metrics.videoSeconds.inc(seconds(event.videoMs));
        metrics.captions.inc(captions);
        metrics.bytesIn.inc(bytesIn);
        metrics.bytesOut.inc(bytesOut);
        return;
      }
      case 'vitals':
        return hearVitals(event.pid, event.vitals);
      case 'ended':
        describers.delete(event.pid);
        return showVitals();
    }
  };
  return { metrics, hear };
}

function seconds(ms: number): number {
  return Math.max(0, ms) / 1000;
}
