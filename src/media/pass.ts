import { setImmediate } from 'node:timers/promises';
import type { Config } from '../domain/config.ts';
import type { Probe, ScannedPicture } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { type DecodeEnd, type Decoding, startDecode } from './decode.ts';
import type { DecodeStart } from './decode-command.ts';
import { EventQueue } from './event-queue.ts';
import { pictureSize } from './filter-graph.ts';
import { KeyframeFiles } from './keyframe-file.ts';
import { packetDrop } from './packet-drop.ts';
import { measureLook } from './picture.ts';
import type { KeyframeCandidate } from './pieces.ts';
import type { Parts } from './timed-frames.ts';
import type { FrameClock } from './timeline.ts';

export type ScanSettings = Pick<Config, 'ffmpeg' | 'limits' | 'keyframes'>;

export interface PassOptions {
  readonly path: string;
  readonly probe: Probe;
  readonly settings: ScanSettings;
  readonly signal: AbortSignal;
  readonly plan: ScanPlan;
  readonly clock: FrameClock;
  /** The same clock where every frame is decoded, or else another one for all frames there are. */
  readonly counter: FrameClock;
  readonly start?: DecodeStart;
  /** Whether nobody asks the counter before the end. */
  readonly countsAtEnd?: boolean;
  /** An existing folder for the keyframes' JPEGs, and what their names begin with. */
  readonly folder: string;
  readonly prefix: string;
}

export interface Candidate extends KeyframeCandidate {
  readonly jpeg: Parts;
}

/** What a pass leads its frames to. */
export interface PassReader<Event> {
  onFrame(ticks: number, yuv: Uint8Array): void;
  onCandidate(candidate: Candidate): void;
  /** After the last frame. */
  onEnd(end: DecodeEnd): void;
  /** Asked before each event, when all is known that FFmpeg said of the frames behind it: whether to stop there. */
  mustStop(damagedFrames: number): boolean;
  /** The file of a picture that an event is about, which is kept. */
  fileOf(event: Event): string | null;
}

/** How a reader speaks to whoever reads the pass. */
export interface PassTeller<Event> {
  /** An event may take a while to become one; the order stays. */
  tell(event: Event | Promise<Event>): void;
  /** Nobody needs more frames. */
  finish(): void;
  /** Writes the picture of a candidate. */
  write(candidate: Candidate): Promise<ScannedPicture>;
  readonly isIdle: boolean;
}

/**
 * Decodes once through, and tells what its reader makes of the frames. Memory is bounded whatever the length: where
 * the events aren't taken, FFmpeg waits. FFmpeg is gone when this returns or throws.
 */
export async function* runPass<Event>(
  options: PassOptions,
  open: (teller: PassTeller<Event>) => PassReader<Event>,
): AsyncGenerator<Event> {
  const { probe, settings } = options;
  const size = pictureSize(probe, options.plan, settings.keyframes);
  const drop = await packetDrop(options.path, probe, options.plan, settings, options.signal);
  const wait = (waiting: boolean) => decoding.wait(waiting);
  const events = new EventQueue<Event>(
    EVENTS_WAITING,
    () => wait(true),
    () => wait(false),
  );
  const files = new KeyframeFiles(options.folder, options.prefix);
  let isFinished = false;
  const reader = open({
    tell: (event) => events.push(event),
    finish: () => {
      isFinished = true;
      events.close();
    },
    write: async ({ jpeg, ...measured }) => ({ ...measured, ...(await files.write(jpeg)), ...size }),
    get isIdle() {
      return events.isEmpty;
    },
  });
  const decoding: Decoding = startDecode({
    ...options,
    size,
    drop,
    onFrame: (ticks, yuv) => {
      if (!isFinished) reader.onFrame(ticks, yuv);
    },
    onPicture: (ticks, { jpeg, look }) => {
      if (!isFinished) reader.onCandidate({ ticks, jpeg, ...measureLook(look) });
    },
  });
  const finished = decoding.ended.then((end) => {
    if (!isFinished) reader.onEnd(end);
  });
  // A failure is thrown below, after the events that came before it.
  finished.catch(() => {}).finally(() => events.close());
  try {
    for await (const event of events) {
      await logsWereRead();
      if (reader.mustStop(decoding.damagedFrames)) return;
      const file = reader.fileOf(event);
      if (file !== null) files.told(file);
      yield event;
    }
    if (!isFinished) await finished;
  } finally {
    await decoding.close();
    await events.settled();
    await files.removeUntold();
  }
}

const EVENTS_WAITING = 16;

/**
 * FFmpeg tells of damage before it writes the damaged frame. What came of a frame must wait until what was written
 * before it, on whichever pipe, was read: a whole turn of the event loop.
 */
async function logsWereRead(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
