import { setMaxListeners } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Bundle } from '../caption/bundle.ts';
import type { Captioner } from '../caption/captioner.ts';
import type { PictureCaptions } from '../domain/captioning.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { DescribeOptions, Result, VideoFacts, Warning } from '../domain/result.ts';
import type { RunReport } from '../domain/run.ts';
import type { ScannedKeyframe, ScannedShot } from '../domain/scan.ts';
import { ticksToMs } from '../domain/time.ts';
import { probe } from '../media/probe.ts';
import { scan } from '../media/scan.ts';
import { assemble } from './assemble.ts';
import { Meter } from './meter.ts';
import { reportRun } from './run-report.ts';
import { fingerprint } from './source.ts';
import { thinKeyframes } from './thin.ts';

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
  /** Has measured what came before; one of its own where there is none. */
  readonly meter?: Meter;
}

/** A described video, before it's published. Its pictures are gone once it's disposed. */
export interface Description extends AsyncDisposable {
  readonly result: Result;
  readonly meter: Meter;
  /** What it all took, up to the first time that this is asked. */
  readonly report: () => RunReport;
  /** For each keyframe with captions of its own, where attention was asked for. */
  readonly attention: ReadonlyMap<string, NonNullable<PictureCaptions['attention']>>;
  /** The JPEG of a keyframe. */
  readonly readPicture: (keyframeId: string) => Promise<Buffer>;
}

/**
 * Describes one local video: probe, scan, caption, summarise. Captioning goes on while the scan decodes.
 *
 * @throws {FramescribeError} with the code of the refusal or failure; temporary files are gone by then.
 */
export async function describe(source: string, context: DescribeContext): Promise<Description> {
  const folder = await mkdtemp(join(context.config.tempDir || tmpdir(), 'framescribe-'));
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
  const { config, bundle, signal, onProgress } = context;
  const tell = (stage: Progress['stage'], doneMs: number, totalMs: number | null, keyframes: number) =>
    onProgress?.({ stage, doneMs, totalMs, keyframes });

  tell('probe', 0, null, 0);
  const probed = await meter.stage('probe', () => probe(path, config, signal));
  const total = probed.claimedDurationMs;

  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  // Each picture on its way listens.
  setMaxListeners(0, both);
  const hashing = fingerprint(path, both);
  // Awaited once the scan is done; until then a failure must not count as unhandled.
  hashing.catch(() => {});
  const queue = new CaptionQueue(context.captioner, both);
  const seen = await meter
    .stage('scan', async () => {
      const scanned = new Scanned();
      for await (const event of scan(path, probed, config, { signal: both, folder })) {
        if (event.kind === 'progress') {
          tell('scan', ticksToMs(event.ticks, probed.timeBase), total, scanned.keyframes.length);
        } else if (event.kind === 'keyframe') {
          scanned.keyframes.push(event.keyframe);
          await queue.add(event.keyframe);
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
  const kept = thinKeyframes(seen.keyframes, seen.shots, config.keyframes.max);
  const keyframes = kept.map((index) => pick(seen.keyframes, index));
  const moved = new Map(kept.map((index, position) => [index, position]));
  const result = await meter.stage('summarise', async () =>
    assemble({
      video: { source: context.sourceName ?? basename(path), sha256, bytes, ...facts },
      model: modelOf(bundle),
      options: optionsOf(config, bundle),
      timeBase: probed.timeBase,
      shots: seen.shots,
      keyframes: keyframes.map((frame) => ({
        ...frame,
        sameAs: frame.sameAs === null ? null : (moved.get(frame.sameAs) ?? null),
      })),
      captions: kept.map((index) => captions[index] ?? null),
      warnings,
    }),
  );
  const attention = new Map(
    kept.flatMap((index, position) => {
      const grids = captions[index]?.attention;
      return grids ? [[pick(result.keyframes, position).id, grids] as const] : [];
    }),
  );
  const files = new Map(result.keyframes.map(({ id }, index) => [id, pick(keyframes, index).file]));
  const readPicture = (id: string) => readFile(files.get(id) ?? join(folder, 'missing'));
  let run: RunReport | null = null;
  const told = { durationMs: facts.durationMs, ffmpeg: probed.programVersion };
  const report = () => (run ??= reportRun(meter.measures(), told, config));
  return { result, attention, readPicture, meter, report };
}

/** Sends pictures to the captioner as they come, a bounded number at a time. */
class CaptionQueue {
  readonly #results: Promise<PictureCaptions | null>[] = [];
  readonly #captioner: Captioner;
  readonly #signal: AbortSignal;
  static readonly #ahead = 64;

  constructor(captioner: Captioner, signal: AbortSignal) {
    this.#captioner = captioner;
    this.#signal = signal;
  }

  async add(keyframe: ScannedKeyframe): Promise<void> {
    const own = keyframe.sameAs === null;
    const work = own ? this.#caption(keyframe.file) : Promise.resolve(null);
    // Awaited in finish(); until then a failure must not count as unhandled.
    work.catch(() => {});
    this.#results.push(work);
    await this.#results.at(-1 - CaptionQueue.#ahead);
  }

  finish(): Promise<readonly (PictureCaptions | null)[]> {
    return Promise.all(this.#results);
  }

  async #caption(file: string): Promise<PictureCaptions> {
    const [captions] = await this.#captioner.caption([file], this.#signal);
    if (captions === undefined)
      throw new FramescribeError('INFERENCE_FAILED', `Expected captions of ${file}, got none`);
    return captions;
  }
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

function modelOf({ manifest, digest }: Bundle): Result['model'] {
  return { name: manifest.name, version: manifest.version, digest, cell: manifest.cell, licence: manifest.licence };
}

/** The choices of a configuration that shape a result. */
export function optionsOf(config: Config, bundle: Bundle): DescribeOptions {
  const beam = config.caption.beam || bundle.manifest.decoding.beam;
  return {
    windowMs: config.keyframes.windowMs,
    maxKeyframes: config.keyframes.max,
    beam,
    nBest: Math.min(config.caption.nBest, beam),
    attention: config.caption.attention,
  };
}

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new FramescribeError('INTERNAL', `Expected an item ${index} of ${items.length}`);
  return item;
}
