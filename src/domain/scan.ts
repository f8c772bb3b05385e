import type { Transition, VideoFacts, Warning } from './result.ts';
import type { Rational } from './time.ts';

/** What a probe found out about a local file, before any frame of it was decoded. */
export interface Probe {
  readonly facts: VideoFacts;
  /** Of ffprobe, and so of FFmpeg. */
  readonly programVersion: string;
  /** Index of the chosen video stream in the container. */
  readonly streamIndex: number;
  readonly timeBase: Rational;
  /** FFmpeg's name of the container's demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly demuxer: string;
  /** What the header claims; null where it says nothing. `facts.durationMs` is 0 until frames were counted. */
  readonly claimedDurationMs: number | null;
  /** Whether the picture is shown as in a mirror: top and bottom change places, then it's turned by `facts.rotation`. */
  readonly mirrored: boolean;
  readonly transfer: 'sdr' | 'pq' | 'hlg';
  /** How luma and colour difference become RGB: as told, or else as is usual for the size. */
  readonly matrix: 'bt601' | 'bt709' | 'smpte240m' | 'bt2020';
  readonly warnings: readonly Warning[];
}

/** A shot in ticks of the video's time base, counted from the first shown frame: `[start, end)`. */
export interface ScannedShot {
  readonly index: number;
  readonly startTicks: number;
  readonly endTicks: number;
  /** How it begins. */
  readonly transition: Transition;
}

/** A picture that was written to a scan's folder. */
export interface ScannedPicture {
  /** From the first shown frame, in the video's time base. */
  readonly ticks: number;
  /** Absolute path of the JPEG: upright, display aspect, tone-mapped. */
  readonly file: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly sharpness: number;
  /** Mean luma, 0 to 1. */
  readonly brightness: number;
  /** The picture at 16×9, three bytes (Y, Cb, Cr) a pixel, row by row: 432 bytes, to tell pictures apart. */
  readonly signature: Uint8Array;
}

export interface ScannedKeyframe extends ScannedPicture {
  readonly shot: number;
  /** Index (in order of emission) of the earlier keyframe that looks the same; null where there is none. */
  readonly sameAs: number | null;
}

/** What a scan tells while it runs: shots and keyframes in order of time, `end` last. */
export type ScanEvent =
  | { readonly kind: 'progress'; readonly ticks: number; readonly frames: number }
  | { readonly kind: 'shot'; readonly shot: ScannedShot }
  | { readonly kind: 'keyframe'; readonly keyframe: ScannedKeyframe }
  | {
      readonly kind: 'end';
      readonly frames: number;
      readonly facts: VideoFacts;
      readonly warnings: readonly Warning[];
      /** Processor time of FFmpeg; null where it couldn't be had. */
      readonly decodeCpuSeconds: number | null;
    };
