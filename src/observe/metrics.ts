import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds, from a blink to an hour. */
const DURATIONS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

export type Metrics = ReturnType<typeof createMetrics>;

/** Every metric of a worker, in one registry. Names end in their unit; what only grows ends in `_total`. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `framescribe_${name}`, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `framescribe_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Histogram({ name: `framescribe_${name}`, help, labelNames, registers, buckets: DURATIONS });
  return {
    registry,
    // Of the queue: every worker tells the same.
    jobs: gauge('jobs', 'Jobs that Redis knows of', 'type', 'state'),
    oldestJob: gauge('queue_oldest_job_age_seconds', 'Age of the job that has waited longest; 0 for none', 'type'),
    redisUp: gauge('redis_up', 'Whether Redis answers this worker'),
    // Of this worker's jobs.
    taken: counter('jobs_taken_total', 'Tries that were begun', 'type'),
    completed: counter('jobs_completed_total', 'Jobs that were completed', 'type'),
    failed: counter('jobs_failed_total', 'Jobs that ended without a result', 'type', 'code'),
    retried: counter('job_retries_total', 'Tries that failed and are followed by another', 'type', 'code'),
    stalled: counter('jobs_stalled_total', 'Jobs taken from workers that were not heard of', 'type'),
    locksLost: counter('job_locks_lost_total', 'Jobs that this worker lost to another', 'type'),
    troubles: counter('worker_troubles_total', 'Errors of the connection to Redis and the like'),
    waitSeconds: histogram('job_wait_seconds', 'From submission until a worker takes a job', 'type'),
    jobSeconds: histogram('job_duration_seconds', 'Of one try, also one that fails', 'type', 'outcome'),
    running: gauge('worker_jobs_running', 'Jobs at hand'),
    concurrency: gauge('worker_concurrency', 'Videos at the same time'),
    ready: gauge('worker_ready', 'Whether this worker can take jobs'),
    // Of the work.
    stageSeconds: histogram('stage_duration_seconds', 'Of one stage of one piece of work', 'stage'),
    videoSeconds: counter('video_seconds_total', 'Length of the video that was described'),
    captions: counter('captions_total', 'Pictures that were captioned'),
    bytesIn: counter('source_bytes_total', 'Of sources that were fetched'),
    bytesOut: counter('result_bytes_total', 'Of results that were written'),
    cpuSeconds: counter('cpu_seconds_total', 'Processor time', 'program'),
    // Of the machine.
    tempUsed: gauge('temp_used_bytes', 'Temporary files of this worker'),
    tempLimit: gauge('temp_limit_bytes', 'What temporary files may take'),
    memory: gauge('resident_memory_bytes', 'Memory of all processes of this worker', 'program'),
    eventLoopLag: gauge(
      'event_loop_lag_seconds',
      'How late timers of the process that holds the locks were since the last look',
      'quantile',
    ),
    info: gauge('build_info', 'Versions, with the value 1', 'version', 'node'),
  };
}
