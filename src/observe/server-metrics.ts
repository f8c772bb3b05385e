import { Gauge, Histogram, Registry } from 'prom-client';

/** Seconds, from a thousandth to half a minute. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every metric of a server, in one registry. */
export function createServerMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `framescribe_server_${name}`, help, labelNames, registers });
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'framescribe_server_request_duration_seconds',
      help: 'From a request’s head to the end of its answer',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: DURATIONS,
      registers,
    }),
    eventStreams: gauge('event_streams', 'Readers of events'),
    memory: gauge('resident_memory_bytes', 'Memory of the server'),
    eventLoopLag: gauge('event_loop_lag_seconds', 'How late timers were since the last look', 'quantile'),
    info: gauge('build_info', 'Versions, with the value 1', 'version', 'node'),
  };
}
