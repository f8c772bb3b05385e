import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CaptionerSettings } from '../caption/captioner.ts';
import type { Config } from '../domain/config.ts';
import { packageRoot } from './load-config.ts';

/** The folder with the bundles to choose from. */
export function bundleFolder(config: Config): string {
  return config.caption.modelsDir || join(packageRoot(), 'models');
}

/** The captioner's settings of a configuration. */
export function captionerSettings(config: Config): CaptionerSettings {
  const { threads, batch, beam, nBest, attention } = config.caption;
  return { threads: threads || availableParallelism(), batch, beam, nBest, attention };
}
