import type { Overview } from '../queue/overview.ts';
import { clock, printable } from './print.ts';

/** Queues and workers as two small tables, on stdout. */
export function printOverview({ queues, workers }: Overview, nowMs: number): void {
  const states = Object.keys(queues[0]?.counts ?? {});
  const queueRows = queues.map(({ type, counts, oldestMs }) => [
    type,
    ...Object.values(counts).map(String),
    oldestMs === null ? '-' : clock(Math.max(0, nowMs - oldestMs)),
  ]);
  const workerRows = workers.map(({ name, running, concurrency, model, startedMs }) => [
    printable(name),
    String(running),
    String(concurrency),
    clock(Math.max(0, nowMs - startedMs)),
    printable(model),
  ]);
  const tables = [table(['queue', ...states, 'oldest'], queueRows)];
  if (workers.length === 0) tables.push('no worker was heard of lately');
  else tables.push(table(['worker', 'jobs', 'at a time', 'up', 'model'], workerRows));
  process.stdout.write(`${tables.join('\n\n')}\n`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return all.map((row) => line(row).trimEnd()).join('\n');
}
