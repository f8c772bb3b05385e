import { z } from 'zod';
import { editId } from './edits.ts';
import { scanMode, scanPlan } from './scan-plan.ts';

/**
 * The result of describing one video, as written to `result.json`. Times are whole milliseconds from the first
 * shown frame, ranges are `[startMs, endMs)`. Nothing in it depends on when, where or how fast it was made.
 */
const milliseconds = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const probability = z.number().min(0).max(1);
const range = { startMs: milliseconds, endMs: milliseconds };
/** The edit by which a person made this, in `edits.json`; absent on what the model made. */
const byPerson = { edit: editId.optional() };

export const shotId = z.string().regex(/^s\d{4,}$/);
export const keyframeId = z.string().regex(/^k\d{4,}$/);
export const chapterId = z.string().regex(/^c\d{2,}$/);

/** Facts of a video that its container and its frames tell. */
export const videoFacts = z.strictObject({
  container: z.string(),
  codec: z.string(),
  pixelFormat: z.string(),
  durationMs: milliseconds,
  /** Coded size in pixels, before rotation and sample aspect ratio. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** Size as shown: upright, square pixels. */
  displayWidth: z.int().positive(),
  displayHeight: z.int().positive(),
  /** Clockwise turn that brings the coded picture upright. */
  rotation: z.literal([0, 90, 180, 270]),
  sampleAspectRatio: z.string(),
  timeBase: z.string(),
  frameRate: z.string(),
  variableFrameRate: z.boolean(),
  interlaced: z.boolean(),
  alpha: z.boolean(),
  hdr: z.boolean(),
});

export const video = z.strictObject({
  /** The name of the source, without its folder or host. */
  source: z.string(),
  sha256,
  bytes: z.int().positive(),
  ...videoFacts.shape,
});

export const model = z.strictObject({
  name: z.string(),
  version: z.string(),
  digest,
  cell: z.enum(['rnn', 'gru', 'lstm']),
  licence: z.string(),
});

/** Choices that shape a result: the same bytes, model and options give the same result. */
export const describeOptions = z.strictObject({
  /** A shot longer than this has one keyframe for each window of this length. */
  windowMs: z.int().min(1000).max(600_000),
  maxKeyframes: z.int().min(1),
  beam: z.int().min(1).max(16),
  nBest: z.int().min(1).max(16),
  attention: z.boolean(),
  /** What the scan was asked to save; results of the first version lack it. */
  scan: scanMode.optional(),
  /** Digest of the vocabulary that tags were named by; absent where there was none. */
  tags: digest.optional(),
});

export const token = z.strictObject({ word: z.string(), logProbability: z.number().max(0) });

export const caption = z.strictObject({
  text: z.string(),
  confidence: probability,
  /** The model isn't sure of it: it is shown, but says nothing in the summary. */
  uncertain: z.boolean(),
  logProbability: z.number().max(0),
  tokens: z.array(token),
  ...byPerson,
});

/** A word that the model saw something of in the picture, apart from what its captions say. */
export const seenWord = z.strictObject({ word: z.string().min(1), confidence: probability });

export const transition = z.enum(['start', 'cut', 'fade', 'dissolve']);

export const shot = z.strictObject({ id: shotId, ...range, transition, keyframes: z.array(keyframeId) });

export const keyframe = z.strictObject({
  id: keyframeId,
  shot: shotId,
  timeMs: milliseconds,
  /** The same instant as an exact fraction of seconds. */
  time: z.string().regex(/^\d+\/\d+$/),
  image: z.string().regex(/^keyframes\/k\d{4,}\.jpg$/),
  sha256,
  width: z.int().positive(),
  height: z.int().positive(),
  /** Variance of the Laplacian of the luma: higher is sharper. */
  sharpness: z.number().min(0),
  /** Mean luma, 0 black to 1 white. */
  brightness: probability,
  /** The earlier keyframe that looks the same; its captions hold here too, and `captions` is empty. */
  sameAs: keyframeId.optional(),
  /** Best first. */
  captions: z.array(caption),
  /** Surest first; absent where the model looks for none, and where `sameAs` names the keyframe that has them. */
  words: z.array(seenWord).optional(),
});

export const chapter = z.strictObject({
  id: chapterId,
  ...range,
  title: z.string(),
  shots: z.array(shotId).min(1),
  ...byPerson,
});

export const tag = z.strictObject({
  name: z.string(),
  confidence: probability,
  instances: z.array(z.strictObject(range)).min(1),
  /** By which names captions tell it, where the vocabulary made another of them. */
  said: z.array(z.string().min(1)).min(1).optional(),
  ...byPerson,
});

export const sentence = z.strictObject({ text: z.string(), keyframes: z.array(keyframeId).min(1), ...byPerson });

export const summary = z.strictObject({ text: z.string(), sentences: z.array(sentence) });

export const warning = z.strictObject({ code: z.string(), message: z.string() });

export const result = z.strictObject({
  schema: z.literal('framescribe/result@1'),
  video,
  model,
  options: describeOptions,
  /** What the scan decoded, and why; results of the first version lack it: everything. */
  scan: scanPlan.optional(),
  shots: z.array(shot),
  keyframes: z.array(keyframe),
  chapters: z.array(chapter),
  tags: z.array(tag),
  summary,
  warnings: z.array(warning),
  /** Where people have corrected it: the digest of the model's own result, in `machine.json`, and of `edits.json`. */
  edited: z.strictObject({ machine: digest, edits: digest }).optional(),
  /** SHA-256 of this document's JSON without this field. */
  digest,
});

export type VideoFacts = Readonly<z.infer<typeof videoFacts>>;
export type Video = Readonly<z.infer<typeof video>>;
export type Model = Readonly<z.infer<typeof model>>;
export type DescribeOptions = Readonly<z.infer<typeof describeOptions>>;
export type Caption = Readonly<z.infer<typeof caption>>;
export type SeenWord = Readonly<z.infer<typeof seenWord>>;
export type Transition = z.infer<typeof transition>;
export type Shot = Readonly<z.infer<typeof shot>>;
export type Keyframe = Readonly<z.infer<typeof keyframe>>;
export type Chapter = Readonly<z.infer<typeof chapter>>;
export type Tag = Readonly<z.infer<typeof tag>>;
export type Sentence = Readonly<z.infer<typeof sentence>>;
export type Summary = Readonly<z.infer<typeof summary>>;
export type Warning = Readonly<z.infer<typeof warning>>;
export type Result = Readonly<z.infer<typeof result>>;
