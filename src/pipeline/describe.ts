import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Bundle } from '../caption/bundle.ts';
import type { Captioner } from '../caption/captioner.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { VideoFacts, Warning } from '../domain/result.ts';
import type { ScannedKeyframe, ScannedShot } from '../domain/scan.ts';
import { ticksToMs } from '../domain/time.ts';
import { probe } from '../media/probe.ts';
import { scan } from '../media/scan.ts';
import { planFor } from '../media/scan-plan.ts';
import { CaptionQueue } from './caption-queue.ts';
import { compose, type Description } from './compose.ts';
import { Meter } from './meter.ts';
import { fingerprint } from './source.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** How far a description has come. `totalMs` is what the container claims; null where it claims nothing. */
export interface Progress {
  readonly stage: 'probe' | 'scan' | 'caption' | 'summarise' | 'publish';
  readonly doneMs: number;
  readonly totalMs: number | null;
  readonly keyframes: number;
}

export interface DescribeContext {
  readonly config: Config;
  readonly bundle: Bundle;
  readonly captioner: Captioner;
  readonly signal: AbortSignal;
  /** What the result calls the source, where its file has another name. */
  readonly sourceName?: string;
  readonly onProgress?: (progress: Progress) => void;
  /** Where to write a CSV of what the shot detector saw at each frame, if anywhere. */
  readonly statsFile?: string | undefined;
  /** Hears of the JPEG of the first keyframe as soon as there is one; it lasts as long as the description. */
  readonly onPicture?: ((file: string) => void) | undefined;
  /** Has measured what came before; one of its own where there is none. */
  readonly meter?: Meter;
}

/**
 * Describes one local video: probe, scan, caption, summarise. Captioning goes on while the scan decodes.
 *
 * @throws {FramescribeError} with the code of the refusal or failure; temporary files are gone by then.
 */
export async function describe(source: string, context: DescribeContext): Promise<Description> {
  const folder = await temporaryFolder(context.config.tempDir);
  const meter = context.meter ?? new Meter();
  const dispose = async () => {
    meter[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await describeInto(folder, resolve(source), context, meter)), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw FramescribeError.from(error);
  }
}

async function describeInto(folder: string, path: string, context: DescribeContext, meter: Meter) {
  const { config, bundle, signal, onProgress, statsFile } = context;
  const tell = (stage: Progress['stage'], doneMs: number, totalMs: number | null, keyframes: number) =>
    onProgress?.({ stage, doneMs, totalMs, keyframes });

  tell('probe', 0, null, 0);
  const probed = await meter.stage('probe', () => probe(path, config, signal));
  const total = probed.claimedDurationMs;
  const plan = await meter.stage('probe', () => planFor(path, probed, config.scan.mode, config, signal));

  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  // Each picture on its way listens.
  setMaxListeners(0, both);
  const hashing = fingerprint(path, both);
  // Awaited once the scan is done; until then a failure must not count as unhandled.
  hashing.catch(() => {});
  const queue = new CaptionQueue(context.captioner, config.caption.batch, both);
  const seen = await meter
    .stage('scan', async () => {
      const scanned = new Scanned();
      for await (const event of scan(path, probed, config, { signal: both, plan, folder, statsFile })) {
        if (event.kind === 'progress') {
          tell('scan', ticksToMs(event.ticks, probed.timeBase), total, scanned.keyframes.length);
        } else if (event.kind === 'keyframe') {
          scanned.keyframes.push(event.keyframe);
          const { sameAs, file } = event.keyframe;
          if (scanned.keyframes.length === 1) context.onPicture?.(file);
          await queue.add(sameAs === null ? file : null);
        } else if (event.kind === 'shot') scanned.shots.push(event.shot);
        else scanned.end = event;
      }
      return scanned;
    })
    .catch(async (error) => {
      stop.abort();
      await Promise.allSettled([hashing, queue.finish()]);
      throw error;
    });

  const { facts, warnings } = seen.whole();
  tell('caption', 0, facts.durationMs, seen.keyframes.length);
  const captions = await meter.stage('caption', () => queue.finish());
  const { sha256, bytes } = await hashing;
  if (context.meter === undefined) meter.add({ bytesIn: bytes });
  meter.add({ captions: seen.keyframes.filter(({ sameAs }) => sameAs === null).length });

  tell('summarise', facts.durationMs, facts.durationMs, seen.keyframes.length);
  const { shots, keyframes } = seen;
  const video = { source: context.sourceName ?? basename(path), sha256, bytes, ...facts };
  return compose({ video, probe: probed, scan: plan, shots, keyframes, captions, warnings }, { config, bundle, meter });
}

class Scanned {
  readonly shots: ScannedShot[] = [];
  readonly keyframes: ScannedKeyframe[] = [];
  end: { readonly facts: VideoFacts; readonly warnings: readonly Warning[] } | null = null;

  whole(): { readonly facts: VideoFacts; readonly warnings: readonly Warning[] } {
    if (this.end) return this.end;
    throw new FramescribeError('INTERNAL', 'Expected the scan to tell its end, but it stopped without');
  }
}
