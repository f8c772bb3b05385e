import { tripped } from './breaker.ts';
import { type CandidateReader, candidateReader } from './candidate-reader.ts';
import { type CandidateTools, candidates } from './candidates.ts';
import { afterVideo, mayGo, type Pace } from './pace.ts';
import { type Item, type RunState, take } from './run-state.ts';

/** Chooses the videos that a run submits next. */
export interface Chooser {
  /** The state with the videos that were chosen among its items, and those; `isCut` where it took too long to find all. */
  choose(state: RunState, most: number): Promise<Choice>;
  /** Begins anew at the position of the state that it's given next: something went wrong. */
  forget(): Promise<void>;
}

export interface Choice {
  readonly state: RunState;
  readonly chosen: readonly Item[];
  readonly isCut: boolean;
}

/** The most that is spent on looking for videos before somebody else has a turn. */
const LOOK_MS = 1_500;

/** Held videos come first, then the listing's next ones, as many as there is room for and the pace allows. */
export function chooser(
  tools: CandidateTools & { readonly nowMs: () => number; readonly signal: AbortSignal },
): Chooser {
  const { nowMs, signal } = tools;
  let pace: Pace = 0;
  let reader: CandidateReader | null = null;
  return {
    choose: async (given, most) => {
      const { limits } = given.spec;
      const isPaced = limits.jobsPerMinute !== null || limits.bytesPerSecond !== null;
      const startMs = nowMs();
      const chosen: Item[] = [];
      let state = given;
      while (chosen.length < most && mayGo(pace, nowMs()) && !signal.aborted && !tripped(state)) {
        if (nowMs() - startMs > LOOK_MS) return { state, chosen, isCut: true };
        const atOnce = isPaced ? 1 : most - chosen.length;
        const before = state;
        state = release(state, atOnce, nowMs());
        if (state === before) {
          if (state.isListed) break;
          reader ??= candidateReader(candidates(state.spec, state.position, tools));
          const { candidates: found, isEnd } = await reader.read(atOnce);
          state = { ...take(state, found, nowMs()), isListed: isEnd };
        }
        const old = new Set(before.items);
        const fresh = state.items.filter((item) => !old.has(item));
        for (const { bytes } of fresh) pace = afterVideo(pace, bytes, limits, nowMs());
        chosen.push(...fresh);
      }
      return { state, chosen, isCut: false };
    },
    forget: async () => {
      await reader?.close();
      reader = null;
    },
  };
}

/** Some of the held items are chosen again. */
function release(state: RunState, most: number, nowMs: number): RunState {
  const held = new Set(state.items.filter(({ isHeld }) => isHeld).slice(0, most));
  if (held.size === 0) return state;
  return {
    ...state,
    items: state.items.map((item) => (held.has(item) ? { ...item, chosenMs: nowMs, isHeld: false } : item)),
  };
}
