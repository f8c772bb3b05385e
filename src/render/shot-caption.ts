import type { Caption, Result, Shot } from '../domain/result.ts';
import { type Scene, scenesOf } from '../domain/scene.ts';

/** A shot with its keyframes and the caption that speaks for it. */
export interface CaptionedShot {
  readonly shot: Shot;
  readonly scenes: readonly Scene[];
  /** Null where none of its keyframes has a caption. */
  readonly caption: Caption | null;
}

/** Each shot with its best caption: a certain one before an uncertain one, then the more confident, then the earlier. */
export function captionedShots({ shots, keyframes }: Pick<Result, 'shots' | 'keyframes'>): readonly CaptionedShot[] {
  const byShot = new Map(shots.map(({ id }) => [id, [] as Scene[]]));
  for (const scene of scenesOf(shots, keyframes)) byShot.get(scene.keyframe.shot)?.push(scene);
  return shots.map((shot) => {
    const scenes = byShot.get(shot.id) ?? [];
    const best = scenes.flatMap(({ captions }) => captions.slice(0, 1));
    return { shot, scenes, caption: best.reduce<Caption | null>(surer, null) };
  });
}

function surer(one: Caption | null, other: Caption): Caption {
  if (one === null) return other;
  if (one.uncertain !== other.uncertain) return one.uncertain ? other : one;
  return other.confidence > one.confidence ? other : one;
}
