import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Correction } from '../../src/domain/edits.ts';
import type { Keyframe } from '../../src/domain/result.ts';
import type { Attention, Gaze, Grid } from './attention.ts';
import type { Playback } from './playback.ts';
import type { Story } from './story.ts';

/** What the parts of a video's page share. */
export interface Desk {
  readonly story: Story;
  readonly playback: Playback;
  readonly files: ResultFiles;
  /** Keyframes that light up: those behind the sentence that somebody points at or has chosen. */
  readonly lit: Signal<ReadonlySet<string>>;
  /** Times that are marked on the timeline: those of the tag that somebody points at. */
  readonly marked: Signal<readonly Range[]>;
  readonly gaze: Signal<Gaze | null>;
  /** Starts to load the attention, once. */
  readonly loadAttention: () => void;
  /** The grids of a keyframe's best caption; null until they are loaded, and where there are none. */
  readonly gridsOf: (keyframe: Keyframe) => readonly Grid[] | null;
  /** Null where this reader may not change anything. */
  readonly correct: ((correction: Correction) => Promise<void>) | null;
}

export interface Range {
  readonly startMs: number;
  readonly endMs: number;
}

/** The files of a result, by their names in it. */
export interface ResultFiles {
  readonly url: (name: string) => string;
  readonly has: (name: string) => boolean;
  readonly text: (name: string) => Promise<string>;
}

export const NOTHING_LIT: ReadonlySet<string> = new Set();

const DeskContext = createContext<Desk | null>(null);
export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error('Expected a video around this');
  return desk;
}

export interface AttentionReader {
  readonly grids: ReadonlySignal<Attention | null>;
  readonly load: () => void;
}

/** Reads `attention.json` when it's first asked for; without one, or where it can't be had, there is nothing to draw. */
export function readAttention(files: ResultFiles): AttentionReader {
  const grids = signal<Attention | null>(null);
  let asked = false;
  const load = () => {
    if (asked || !files.has('attention.json')) return;
    asked = true;
    files.text('attention.json').then(
      (text) => {
        grids.value = JSON.parse(text) as Attention;
      },
      () => {
        asked = false;
      },
    );
  };
  return { grids, load };
}
