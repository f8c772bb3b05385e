import type { Caption, Keyframe, SeenWord, Shot } from './result.ts';

/** A keyframe with the captions that hold for it and the time that it stands for. */
export interface Scene {
  readonly keyframe: Keyframe;
  /** Its own captions, or those of the keyframe that it looks the same as. Best first. */
  readonly captions: readonly Caption[];
  /** What else is seen in it, its own or that keyframe's. Surest first. */
  readonly words: readonly SeenWord[];
  readonly startMs: number;
  readonly endMs: number;
}

/** The keyframes in order of time. Those of a long shot share it: each stands for the time that it's nearest to. */
export function scenesOf(shots: readonly Shot[], keyframes: readonly Keyframe[]): readonly Scene[] {
  const byId = new Map(keyframes.map((keyframe) => [keyframe.id, keyframe]));
  return shots.flatMap((shot) => {
    const own = shot.keyframes
      .flatMap((id) => byId.get(id) ?? [])
      .sort((one, other) => one.timeMs - other.timeMs || compare(one.id, other.id));
    const within = (ms: number) => Math.min(Math.max(ms, shot.startMs), shot.endMs);
    const middle = (one: Keyframe, other: Keyframe) => within(Math.round((one.timeMs + other.timeMs) / 2));
    return own.map((keyframe, index) => {
      const before = own[index - 1];
      const after = own[index + 1];
      return {
        keyframe,
        captions: captionsOf(keyframe, byId),
        words: seenWordsOf(keyframe, byId),
        startMs: before ? middle(before, keyframe) : shot.startMs,
        endMs: after ? middle(keyframe, after) : shot.endMs,
      };
    });
  });
}

/** The captions that hold for a keyframe: its own, or those of the keyframe it looks the same as. */
export function captionsOf(keyframe: Keyframe, keyframes: ReadonlyMap<string, Keyframe>): readonly Caption[] {
  return keyframe.sameAs === undefined ? keyframe.captions : (keyframes.get(keyframe.sameAs)?.captions ?? []);
}

/** The words seen in a keyframe: its own, or those of the keyframe it looks the same as. */
export function seenWordsOf(keyframe: Keyframe, keyframes: ReadonlyMap<string, Keyframe>): readonly SeenWord[] {
  return (keyframe.sameAs === undefined ? keyframe : keyframes.get(keyframe.sameAs))?.words ?? [];
}

/** Order by code units, the same in every locale. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
