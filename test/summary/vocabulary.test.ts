import { expect, test } from 'vitest';
import { scenesOf } from '../../src/domain/scene.ts';
import { NO_VOCABULARY } from '../../src/domain/vocabulary.ts';
import { checkTags } from '../../src/pipeline/verify-names.ts';
import { tagsOf } from '../../src/summary/tags.ts';
import { exampleResult } from '../render/example-result.ts';

const example = exampleResult();
const scenes = scenesOf(example.shots, example.keyframes);
const plain = new Map(tagsOf(scenes).map((tag) => [tag.name, tag]));
const named = (changes: object) =>
  new Map(tagsOf(scenes, { ...NO_VOCABULARY, ...changes }).map((tag) => [tag.name, tag]));

test('a synonym gives a tag another name, at the same times, and tells what was said', () => {
  const tags = named({ synonyms: { dog: 'hund', surfer: 'athlete', skier: 'athlete' } });
  expect(tags.has('dog')).toBe(false);
  expect(tags.get('hund')).toEqual({ ...plain.get('dog'), name: 'hund', said: ['dog'] });
  expect(tags.get('athlete')?.said).toEqual(['skier', 'surfer']);
  expect(tags.get('athlete')?.instances).toEqual(
    [...(plain.get('surfer')?.instances ?? []), ...(plain.get('skier')?.instances ?? [])].sort(
      (one, other) => one.startMs - other.startMs,
    ),
  );
});

test('a wider name is there beside its narrower ones, as sure as the surest of them at least', () => {
  const tags = named({ broader: { surfer: ['athlete'], athlete: ['human'] } });
  expect(tags.get('surfer')).toEqual(plain.get('surfer'));
  for (const name of ['athlete', 'human']) expect(tags.get(name)).toMatchObject({ said: ['surfer'] });
});

test('a blocked name is none, by whatever way it comes', () => {
  const tags = named({
    synonyms: { dog: 'hound' },
    broader: { surfer: ['wave'] },
    blocked: ['hound', 'wave', 'grass'],
  });
  for (const name of ['dog', 'hound', 'wave', 'grass']) expect(tags.has(name)).toBe(false);
  expect(tags.has('surfer')).toBe(true);
});

test('tags of a vocabulary lead to captions by what was said', () => {
  const vocabulary = { ...NO_VOCABULARY, synonyms: { dog: 'hund' }, broader: { hund: ['tier'] } };
  const tags = [...tagsOf(scenes, vocabulary)];
  expect(tags.map(({ name }) => name)).toEqual(expect.arrayContaining(['hund', 'tier']));
  expect(checkTags({ ...example, tags }).faults).toEqual([]);
  const [wrong] = tags.filter(({ name }) => name === 'hund').map(({ said: _, ...tag }) => tag);
  expect(checkTags({ ...example, tags: wrong ? [wrong] : [] }).faults).toHaveLength(wrong?.instances.length ?? 0);
});
