import type { RunSpec } from '../../src/backfill/run-spec.ts';
import type { RunState } from '../../src/backfill/run-state.ts';

export const SPEC: RunSpec = {
  source: 's3://tapes/1998/',
  kind: 'bucket',
  mode: 'missing',
  filters: { include: [], exclude: [], sinceMs: null, maxBytes: null, anyName: false },
  limits: { waiting: 200, jobsPerMinute: null, bytesPerSecond: null, concurrency: [], pauseAfter: 20 },
  labels: {},
  options: {},
  model: { name: 'small', version: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
  wanted: { windowMs: 10_000, maxKeyframes: 100, beam: 3, nBest: 1, attention: false, scan: 'exact' },
};

/** A run that has just begun. */
export const BEGUN: RunState = {
  ...{ schema: 'framescribe/backfill@1', name: 'run', spec: SPEC, status: 'running', reason: null, driver: 'd' },
  ...{ startedMs: 0, resumedMs: 0, endedMs: null, position: null, isListed: false, total: null, listed: 0 },
  leftOut: { name: 0, age: 0, size: 0, present: 0, twice: 0 },
  ...{ completed: 0, failed: {}, videoMs: 0, cpuMs: 0, bytes: 0, streak: null, pulse: [] },
  ...{ items: [], failures: [], failureParts: 0 },
};
