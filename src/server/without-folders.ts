import { resolve, sep } from 'node:path';
import type { Config } from '../domain/config.ts';
import { uploadsFolder } from './uploads-folder.ts';

/**
 * Makes a function that takes the folders of this server out of a message for others: what lies in one is called by its
 * path there. Where those folders are is told by the log, to whoever runs the server.
 */
export function withoutFolders(config: Config): (message: string) => string {
  const { store } = config.queue;
  const folders = [store.includes('://') ? null : resolve(store), uploadsFolder(config)].filter(
    (each) => each !== null,
  );
  // The inner one first.
  const sorted = folders.sort((a, b) => b.length - a.length);
  return (message) => sorted.reduce((text, folder) => text.replaceAll(folder + sep, ''), message);
}
