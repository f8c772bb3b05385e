import { readFile } from 'node:fs/promises';
import type { Bundle } from '../caption/bundle.ts';
import type { PictureCaptions } from '../domain/captioning.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { DescribeOptions, Result, Video, Warning } from '../domain/result.ts';
import type { RunReport } from '../domain/run.ts';
import type { Probe, ScannedKeyframe, ScannedShot } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { type Vocabulary, vocabularyDigest } from '../domain/vocabulary.ts';
import { assemble } from './assemble.ts';
import type { Meter } from './meter.ts';
import { reportRun } from './run-report.ts';
import { beamOf } from './settings.ts';
import { thinKeyframes } from './thin.ts';

/** A described video, before it's published. Its pictures are gone once it's disposed. */
export interface Description extends AsyncDisposable {
  readonly result: Result;
  /** By which its tags are named. */
  readonly vocabulary: Vocabulary;
  readonly meter: Meter;
  /** What it all took, up to the first time that this is asked. */
  readonly report: () => RunReport;
  /** For each keyframe with captions of its own, where attention was asked for. */
  readonly attention: ReadonlyMap<string, NonNullable<PictureCaptions['attention']>>;
  /** The JPEG of a keyframe. */
  readonly readPicture: (keyframeId: string) => Promise<Buffer>;
}

/** All that a scan and a captioner found in a video; `keyframes` and `captions` go by the same index. */
export interface Seen {
  readonly video: Video;
  readonly probe: Probe;
  readonly scan: ScanPlan;
  readonly shots: readonly ScannedShot[];
  readonly keyframes: readonly ScannedKeyframe[];
  /** Null for a keyframe that looks the same as an earlier one. */
  readonly captions: readonly (PictureCaptions | null)[];
  readonly warnings: readonly Warning[];
}

/** Makes a description of what was seen: thins the keyframes out, summarises, and puts the result together. */
export async function compose(
  seen: Seen,
  { config, bundle, meter }: { readonly config: Config; readonly bundle: Bundle; readonly meter: Meter },
): Promise<Omit<Description, keyof AsyncDisposable>> {
  const kept = thinKeyframes(seen.keyframes, seen.shots, config.keyframes.max);
  const keyframes = kept.map((index) => pick(seen.keyframes, index));
  const moved = new Map(kept.map((index, position) => [index, position]));
  const result = await meter.stage('summarise', async () =>
    assemble({
      video: seen.video,
      model: modelOf(bundle),
      options: optionsOf(config, bundle),
      scan: seen.scan,
      timeBase: seen.probe.timeBase,
      shots: seen.shots,
      keyframes: keyframes.map((frame) => ({
        ...frame,
        sameAs: frame.sameAs === null ? null : (moved.get(frame.sameAs) ?? null),
      })),
      captions: kept.map((index) => seen.captions[index] ?? null),
      warnings: seen.warnings,
      vocabulary: config.tags,
    }),
  );
  const attention = new Map(
    kept.flatMap((index, position) => {
      const grids = seen.captions[index]?.attention;
      return grids ? [[pick(result.keyframes, position).id, grids] as const] : [];
    }),
  );
  const readPicture = readerOf(new Map(result.keyframes.map(({ id }, index) => [id, pick(keyframes, index).file])));
  const told = { durationMs: seen.video.durationMs, ffmpeg: seen.probe.programVersion };
  return { result, vocabulary: config.tags, attention, readPicture, meter, report: reporterOf(meter, told, config) };
}

// Functions that were made in `compose` would hold on to all that was seen, which is as large as the result.

function readerOf(files: ReadonlyMap<string, string>): Description['readPicture'] {
  return async (id) => {
    const file = files.get(id);
    if (file === undefined) throw new FramescribeError('INTERNAL', `Expected a keyframe of the result, got ${id}`);
    return readFile(file);
  };
}

function reporterOf(meter: Meter, told: Parameters<typeof reportRun>[1], config: Config): Description['report'] {
  let run: RunReport | null = null;
  return () => (run ??= reportRun(meter.measures(), told, config));
}

/** The choices of a configuration that shape a result. */
export function optionsOf(config: Config, bundle: Bundle): DescribeOptions {
  const tags = vocabularyDigest(config.tags);
  const beam = beamOf(config, bundle);
  return {
    windowMs: config.keyframes.windowMs,
    maxKeyframes: config.keyframes.max,
    beam,
    nBest: Math.min(config.caption.nBest, beam),
    attention: config.caption.attention,
    scan: config.scan.mode,
    ...(tags && { tags }),
  };
}

function modelOf({ manifest, digest }: Bundle): Result['model'] {
  return { name: manifest.name, version: manifest.version, digest, cell: manifest.cell, licence: manifest.licence };
}

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new FramescribeError('INTERNAL', `Expected an item ${index} of ${items.length}`);
  return item;
}
