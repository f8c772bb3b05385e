import { hostname } from 'node:os';
import type { Config } from '../domain/config.ts';

/** The name of a worker among others: its own, or one made of host and process. */
export function workerName({ workerName }: Pick<Config['queue'], 'workerName'>): string {
  return (
    workerName ||
    `${hostname()
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 48)}-${process.pid}`
  );
}
