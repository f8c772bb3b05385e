import { join, resolve } from 'node:path';
import type { Config } from '../domain/config.ts';

/** The folder of uploads; null where the configuration has none. */
export function uploadsFolder({ server, queue }: Config): string | null {
  if (server.uploads.folder !== '') return resolve(server.uploads.folder);
  return queue.store.includes('://') ? null : join(resolve(queue.store), '.uploads');
}
