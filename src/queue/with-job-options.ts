import type { Config } from '../domain/config.ts';
import type { JobOptions } from './jobs.ts';

/** A configuration with a job's own choices in it. */
export function withJobOptions(config: Config, options: JobOptions): Config {
  const { model, windowMs, maxKeyframes, beam, nBest, attention, scan } = options;
  return {
    ...config,
    scan: { mode: scan ?? config.scan.mode },
    keyframes: {
      ...config.keyframes,
      windowMs: windowMs ?? config.keyframes.windowMs,
      max: maxKeyframes ?? config.keyframes.max,
    },
    caption: {
      ...config.caption,
      model: model ?? config.caption.model,
      beam: beam ?? config.caption.beam,
      nBest: nBest ?? config.caption.nBest,
      attention: attention ?? config.caption.attention,
    },
  };
}
