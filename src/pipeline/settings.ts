import { createHash } from 'node:crypto';
import { availableParallelism, homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Bundle } from '../caption/bundle.ts';
import type { CaptionerSettings } from '../caption/captioner.ts';
import type { Config } from '../domain/config.ts';
import { packageRoot } from './load-config.ts';

/** The folder with the bundles to choose from. */
export function bundleFolder(config: Config): string {
  return config.caption.modelsDir || join(packageRoot(), 'models');
}

/** A preview is replaced soon, and a caption of this beam takes two thirds of the time of one of five. */
const PREVIEW_BEAM = 3;

/** The captioner's settings of a configuration. */
export function captionerSettings(config: Config, bundle: Bundle): CaptionerSettings {
  const { threads, batch, nBest, attention } = config.caption;
  return { threads: threads || availableParallelism(), batch, beam: beamOf(config, bundle), nBest, attention };
}

/** The width of the beam search: what was asked for, or else what suits the bundle and the scan. */
export function beamOf({ caption, scan }: Config, { manifest: { decoding } }: Bundle): number {
  const usual = scan.mode === 'preview' ? Math.min(decoding.beam, PREVIEW_BEAM) : decoding.beam;
  return caption.beam || usual;
}

/** The file with the search index of a store. An index can be made again at any time, so it lies among caches. */
export function searchIndexFile(config: Config, store: string): string {
  const place = store.includes('://') ? store.replace(/\/+$/, '') : resolve(store);
  const id = createHash('sha256').update(place).digest('hex').slice(0, 16);
  return join(config.search.folder || join(homedir(), '.cache', 'framescribe'), `search-${id}.sqlite`);
}

/** The file with the list of videos of a server: those of one store and one queue. */
export function libraryFile(config: Config): string {
  const { store, prefix } = config.queue;
  const file = searchIndexFile(config, store);
  return join(dirname(file), basename(file).replace(/^search-/, `library-${prefix.replace(/[{}]/g, '')}-`));
}
