import { createHash } from 'node:crypto';
import type { ZodType } from 'zod';
import type { PictureCaptions } from '../domain/captioning.ts';
import {
  type DescribeOptions,
  type Keyframe,
  keyframe as keyframeSchema,
  type Model,
  type Result,
  result as resultSchema,
  type Shot,
  shot as shotSchema,
  type Video,
  type Warning,
} from '../domain/result.ts';
import type { ScannedKeyframe, ScannedShot } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { formatTicks, type Rational, ticksToMs } from '../domain/time.ts';
import type { Vocabulary } from '../domain/vocabulary.ts';
import { summarise } from '../summary/summarise.ts';
import { jsonPieces } from '../text/json-pieces.ts';

/** Everything that a result is made of; `keyframes` and `captions` go by the same index. */
export interface Parts {
  readonly video: Video;
  readonly model: Model;
  readonly options: DescribeOptions;
  readonly scan: ScanPlan;
  readonly timeBase: Rational;
  readonly shots: readonly ScannedShot[];
  readonly keyframes: readonly ScannedKeyframe[];
  /** Null for a keyframe that looks the same as an earlier one. */
  readonly captions: readonly (PictureCaptions | null)[];
  readonly warnings: readonly Warning[];
  readonly vocabulary: Vocabulary;
}

/** Puts the parts into a result and signs it with its digest. Pure: the same parts give the same bytes. */
export function assemble(parts: Parts): Result {
  const { timeBase, video, vocabulary } = parts;
  const keyframes = parts.keyframes.map((scanned, index): Keyframe => {
    const id = keyframeName(index);
    const words = parts.captions[index]?.words;
    return {
      id,
      shot: shotName(scanned.shot),
      timeMs: ticksToMs(scanned.ticks, timeBase),
      time: formatTicks(scanned.ticks, timeBase),
      image: `keyframes/${id}.jpg`,
      sha256: scanned.sha256,
      width: scanned.width,
      height: scanned.height,
      sharpness: scanned.sharpness,
      brightness: scanned.brightness,
      ...(scanned.sameAs === null ? {} : { sameAs: keyframeName(scanned.sameAs) }),
      captions: [...(parts.captions[index]?.captions ?? [])],
      ...(words ? { words: [...words] } : {}),
    };
  });
  const keyframesOf = new Map(parts.shots.map(({ index }) => [shotName(index), [] as string[]]));
  for (const { id, shot } of keyframes) keyframesOf.get(shot)?.push(id);
  const shots = parts.shots.map(
    (scanned): Shot => ({
      id: shotName(scanned.index),
      startMs: ticksToMs(scanned.startTicks, timeBase),
      endMs: ticksToMs(scanned.endTicks, timeBase),
      transition: scanned.transition,
      keyframes: keyframesOf.get(shotName(scanned.index)) ?? [],
    }),
  );
  const signatures = new Map(parts.keyframes.map(({ signature }, index) => [keyframeName(index), signature]));
  return sign({
    schema: 'framescribe/result@1',
    video,
    model: parts.model,
    options: parts.options,
    scan: parts.scan,
    shots,
    keyframes,
    ...summarise({ durationMs: video.durationMs, shots, keyframes, signatures, vocabulary }),
    warnings: [...parts.warnings],
  });
}

/** A result, its fields in the order of the schema, with the SHA-256 of its JSON as the last of them. */
export function sign(unsigned: Omit<Result, 'digest'>): Result {
  const { shots, keyframes } = unsigned;
  const ordered = {
    ...unsignedSchema.parse({ ...unsigned, shots: [], keyframes: [] }),
    shots: shots.map((shot) => inOrder(shot, shotSchema)),
    keyframes: keyframes.map((keyframe) => inOrder(keyframe, keyframeSchema)),
  };
  const hash = createHash('sha256');
  for (const piece of jsonPieces(ordered)) hash.update(piece);
  return { ...ordered, digest: `sha256:${hash.digest('hex')}` };
}

const unsignedSchema = resultSchema.omit({ digest: true });

/** What is valid and in order stays as it is: a copy of all keyframes would be as large as the result. */
function inOrder<T>(item: T, schema: ZodType<T>): T {
  const parsed = schema.parse(item);
  return JSON.stringify(parsed) === JSON.stringify(item) ? item : parsed;
}

export function keyframeName(index: number): string {
  return `k${String(index + 1).padStart(4, '0')}`;
}

function shotName(index: number): string {
  return `s${String(index + 1).padStart(4, '0')}`;
}
