/**
 * A worker in this process, as `framescribe worker` runs it, with a histogram of the delays of its event loop; with `idle`
 * as its argument no worker and nothing else either, which shows what the machine alone delays. Says `ready` on stdout,
 * and on SIGTERM stops and prints the delays in milliseconds.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadConfig } from '../src/pipeline/load-config.ts';
import { startWorker } from '../workers/worker.ts';

const RESOLUTION_MS = 5;

const isIdle = process.argv[2] === 'idle';
const worker = isIdle ? null : await startWorker(await loadConfig(process.env), () => {});
const staying = setInterval(() => {}, 60_000);
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.once('SIGTERM', async () => {
  delay.disable();
  clearInterval(staying);
  // The histogram counts from timer to timer.
  const lagMs = (nanoseconds: number) => Math.round(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) * 10) / 10;
  const [p50, p99, p999] = [50, 99, 99.9].map((percentile) => lagMs(delay.percentile(percentile)));
  console.log(JSON.stringify({ count: delay.count, p50, p99, p999, max: lagMs(delay.max) }));
  await worker?.stop();
});
console.log('ready');
