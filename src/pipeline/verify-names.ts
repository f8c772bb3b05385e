import type { Result } from '../domain/result.ts';
import { compare, scenesOf } from '../domain/scene.ts';
import { tells } from '../summary/names.ts';
import type { Check } from './verify.ts';

/** Whether the words seen in keyframes are each there once, surest first, and on the keyframe that was looked at. */
export function checkSeenWords({ keyframes }: Result): Check {
  const faults = keyframes.flatMap(({ id, sameAs, words = [] }) => {
    const sorted = words.toSorted((one, other) => other.confidence - one.confidence || compare(one.word, other.word));
    const isSorted = sorted.every((entry, index) => entry === words[index]);
    return [
      ...(sameAs !== undefined && words.length > 0 ? [`${id}: its words should be with ${sameAs}`] : []),
      ...(new Set(words.map(({ word }) => word)).size < words.length ? [`${id}: a word is there twice`] : []),
      ...(isSorted ? [] : [`${id}: its words aren't in order`]),
    ];
  });
  const checked = keyframes.reduce((sum, { words = [] }) => sum + words.length, 0);
  return { name: 'words seen in keyframes are in order, each once', checked, faults };
}

/** Whether each time of each tag holds a keyframe whose captions name it or in which it was seen. */
export function checkTags({ tags, shots, keyframes }: Result): Check {
  const scenes = scenesOf(shots, keyframes);
  // A person needs no caption to say what is seen.
  const ofModel = tags.filter(({ edit }) => edit === undefined);
  const faults = ofModel.flatMap(({ name, instances, said = [name] }) => {
    const telling = scenes.filter((scene) => said.some((each) => tells(scene, each)));
    return instances
      .filter(({ startMs, endMs }) => !telling.some((scene) => scene.startMs >= startMs && scene.endMs <= endMs))
      .map(({ startMs, endMs }) => `tag ${name}: nothing from ${startMs} to ${endMs} ms names it`);
  });
  return { name: 'each tag leads to captions or words seen, and frames', checked: tags.length, faults };
}
