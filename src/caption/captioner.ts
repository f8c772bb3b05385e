import './no-telemetry.ts';
// Both are loaded here first so that their libraries outlive the threads that use them.
import 'onnxruntime-node';
import 'sharp';
import type { PictureCaptions } from '../domain/captioning.ts';
import type { Bundle } from './bundle.ts';
import type { DescriberSettings } from './describer.ts';
import { ThreadPool } from './pool.ts';
import type { ThreadData } from './thread.ts';

export interface CaptionerSettings extends DescriberSettings {
  /** Threads, each with sessions of its own that take one processor. */
  readonly threads: number;
}

/** Captions pictures on threads of its own. */
export interface Captioner extends AsyncDisposable {
  /**
   * Captions of each picture (the path of a JPEG, or its bytes), in the order of the pictures. Calls may overlap:
   * their pictures are captioned together, and what a picture gets never depends on its company.
   *
   * @throws {FramescribeError} PICTURE_UNREADABLE, INFERENCE_FAILED, or CANCELLED once the signal aborts.
   */
  caption(pictures: readonly (string | Uint8Array)[], signal?: AbortSignal): Promise<readonly PictureCaptions[]>;
  /** Ends the threads, also in the middle of their work; calls that wait fail with CANCELLED. */
  close(): Promise<void>;
}

/**
 * Starts threads that caption with a bundle. Resolves once each has opened the bundle's graphs.
 *
 * @throws {FramescribeError} BUNDLE_DAMAGED or BUNDLE_INVALID where the graphs don't open or aren't what they should be.
 */
export async function openCaptioner(bundle: Bundle, settings: CaptionerSettings): Promise<Captioner> {
  const { threads, ...describing } = settings;
  const data: ThreadData = { bundle, settings: describing };
  const pool = await ThreadPool.open<string | Uint8Array, PictureCaptions>({
    script: threadScript(),
    data,
    threads,
    batch: settings.batch,
  });
  return {
    caption: (pictures, signal) => pool.run(pictures, signal),
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

function threadScript(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? '../../scripts/caption-thread.mjs' : './thread.js', import.meta.url);
}
