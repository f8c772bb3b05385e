import { describe, expect, test } from 'vitest';
import { type Correction, type Edits, NO_EDITS } from '../../src/domain/edits.ts';
import type { Result } from '../../src/domain/result.ts';
import { applyEdits } from '../../src/summary/apply-edits.ts';
import { importEdits, recordEdits } from '../../src/summary/record-edits.ts';
import { exampleResult } from '../render/example-result.ts';

const machine = exampleResult();
const author = { by: 'anna', at: '2026-01-02T03:04:05Z' };
const record = (corrections: readonly Correction[], edits: Edits = NO_EDITS, result: Result = machine) =>
  recordEdits(result, edits, corrections, author);
const apply = (corrections: readonly Correction[], result = machine) => applyEdits(result, record(corrections));
const namesOf = ({ tags }: Pick<Result, 'tags'>) => tags.map(({ name }) => name);

describe('a corrected caption', () => {
  const { result } = apply([{ keyframe: 'k0002', caption: 'A seal lies on the ice near Tromsø' }]);

  test('is all that is said of its keyframe, and of those that look the same', () => {
    const [, k2, , k4] = result.keyframes;
    expect(k2?.captions).toMatchObject([{ text: 'A seal lies on the ice near Tromsø', confidence: 1, edit: 'e0001' }]);
    expect(k4).toMatchObject({ sameAs: 'k0002', captions: [] });
  });

  test('makes tags, titles and summary anew, in the words of the person', () => {
    const seal = result.tags.find(({ name }) => name === 'seal');
    expect(seal).toMatchObject({ confidence: 0.99 });
    expect(namesOf(machine)).not.toContain('seal');
    const [told] = apply(machine.keyframes.map(({ id }) => ({ keyframe: id, caption: 'Dr. Müller opens the hall' })))
      .result.summary.sentences;
    expect(told?.text).toBe('Dr. Müller opens the hall.');
  });

  test('leaves what it does not touch as it was', () => {
    expect(result.shots).toEqual(machine.shots);
    expect(result.chapters.map(({ shots }) => shots)).toEqual(machine.chapters.map(({ shots }) => shots));
    expect(result.keyframes.filter(({ id }) => id !== 'k0002')).toEqual(
      machine.keyframes.filter(({ id }) => id !== 'k0002'),
    );
  });

  test('on a keyframe that looks the same as another is its own', () => {
    const { keyframes } = apply([{ keyframe: 'k0004', caption: 'a fox' }]).result;
    expect(keyframes[3]).toMatchObject({ captions: [{ text: 'a fox' }] });
    expect(keyframes[3]).not.toHaveProperty('sameAs');
    expect(keyframes[1]).toEqual(machine.keyframes[1]);
  });

  test('gives way to a later one', () => {
    const { result: twice, outcomes } = apply([
      { keyframe: 'k0001', caption: 'a cat' },
      { keyframe: 'k0001', caption: 'a lynx' },
    ]);
    expect(twice.keyframes[0]?.captions[0]?.text).toBe('a lynx');
    expect(outcomes).toEqual([
      { id: 'e0001', state: 'idle', reason: 'e0002 came later' },
      { id: 'e0002', state: 'applied', reason: '' },
    ]);
  });
});

describe('corrected tags', () => {
  test('are added for the whole video or for times, removed and renamed', () => {
    const { result } = apply([
      { addTag: ' Picnic ' },
      { addTag: 'whistle', at: [{ startMs: 1000, endMs: 2000 }] },
      { removeTag: 'surfing' },
      { renameTag: 'dog', to: 'wolf' },
    ]);
    const by = new Map(result.tags.map((tag) => [tag.name, tag]));
    expect(by.get('picnic')).toMatchObject({
      confidence: 1,
      edit: 'e0001',
      instances: [{ startMs: 0, endMs: 96_000 }],
    });
    expect(by.get('whistle')?.instances).toEqual([{ startMs: 1000, endMs: 2000 }]);
    expect(by.get('wolf')?.instances).toEqual(machine.tags.find(({ name }) => name === 'dog')?.instances);
    expect(by.has('dog') || by.has('surfing')).toBe(false);
  });

  test('hold where the next model says nothing of the kind, or the same mistake elsewhere', () => {
    const edits = record([{ renameTag: 'dog', to: 'wolf' }, { removeTag: 'wave' }]);
    const tags = machine.tags.filter(({ name }) => name !== 'dog' && name !== 'wave');
    const { result, outcomes } = applyEdits({ ...machine, tags }, edits);
    expect(namesOf(result)).toContain('wolf');
    expect(outcomes.map(({ state }) => state)).toEqual(['applied', 'idle']);
    const elsewhere = { name: 'dog', confidence: 0.9, instances: [{ startMs: 90_000, endMs: 96_000 }] };
    const wolf = applyEdits({ ...machine, tags: [elsewhere] }, edits).result.tags[0];
    expect(wolf?.instances.at(-1)).toEqual({ startMs: 90_000, endMs: 96_000 });
  });
});

describe('corrected titles and sentences', () => {
  test('stand in the place of what they replace', () => {
    const [first, second] = machine.summary.sentences;
    const { result } = apply([
      { chapter: 'c01', title: 'The dogs of Kvaløya' },
      { sentence: 1, text: 'Two huskies greet the camera.' },
      { sentence: 2, text: null },
    ]);
    expect(result.chapters[0]).toMatchObject({ title: 'The dogs of Kvaløya', edit: 'e0001' });
    expect(result.summary.sentences[0]).toEqual({
      text: 'Two huskies greet the camera.',
      keyframes: first?.keyframes,
      edit: 'e0002',
    });
    expect(result.summary.sentences).toHaveLength(machine.summary.sentences.length - 1);
    expect(result.summary.text).not.toContain(second?.text);
  });

  test('a sentence that no like one is there for is told at its time', () => {
    const edits = record([{ sentence: machine.summary.sentences.length, text: 'They walk home.' }]);
    const without = { ...machine, summary: { text: 'x', sentences: machine.summary.sentences.slice(0, 1) } };
    const { sentences, text } = applyEdits(without, edits).result.summary;
    expect(sentences.map(({ edit }) => edit)).toEqual([undefined, 'e0001']);
    expect(text).toBe(`${sentences[0]?.text} They walk home.`);
  });
});

describe('another model’s result', () => {
  /** Other ids, other keyframes: the third goes, the others move a little; chapters are cut elsewhere. */
  function another(): Result {
    const renamed = (id: string) => `k${Number(id.slice(1)) + 100}`;
    const kept = machine.keyframes.filter(({ id }) => id !== 'k0003');
    return {
      ...machine,
      keyframes: kept.map((keyframe) => ({
        ...keyframe,
        id: renamed(keyframe.id),
        timeMs: keyframe.timeMs + 40,
        ...(keyframe.sameAs && { sameAs: renamed(keyframe.sameAs) }),
      })),
      shots: machine.shots.map((shot) => ({
        ...shot,
        keyframes: shot.keyframes.filter((id) => id !== 'k0003').map(renamed),
      })),
      chapters: [{ id: 'c01', startMs: 0, endMs: 96_000, title: 'All', shots: machine.shots.map(({ id }) => id) }],
      summary: { text: '', sentences: [] },
      tags: [],
    };
  }

  test('keeps edits at their times, and tells of those whose place is gone', () => {
    const edits = record([
      { keyframe: 'k0005', caption: 'the mayor and his wife' },
      { keyframe: 'k0003', caption: 'a red frisbee' },
      { chapter: machine.chapters[1]?.id ?? '', title: 'On the beach' },
      { addTag: 'mayor' },
    ]);
    const { result, outcomes } = applyEdits(another(), edits);
    expect(result.keyframes.find(({ id }) => id === 'k105')?.captions[0]?.text).toBe('the mayor and his wife');
    expect(outcomes.map(({ state }) => state)).toEqual(['applied', 'lost', 'lost', 'applied']);
    expect(result.warnings.filter(({ code }) => code === 'EDIT_LOST')).toHaveLength(2);
    expect(JSON.stringify(result)).not.toContain('a red frisbee');
  });

  test('of other bytes takes none of them', () => {
    const other = { ...machine, video: { ...machine.video, sha256: 'f'.repeat(64) } };
    const { result, outcomes } = applyEdits(other, record([{ addTag: 'mayor' }]));
    expect(namesOf(result)).toEqual(namesOf(machine));
    expect(outcomes).toMatchObject([{ state: 'lost', reason: 'it was made on other bytes of the video' }]);
  });
});

describe('recording', () => {
  test('notes who, when, where and what was there, and counts on', () => {
    const first = record([{ keyframe: 'k0004', caption: 'one' }]);
    expect(first.edits[0]).toMatchObject({
      id: 'e0001',
      by: 'anna',
      at: author.at,
      video: machine.video.sha256,
      replaces: 'a brown dog is running through the grass',
      frame: { timeMs: machine.keyframes[3]?.timeMs },
    });
    const more = record([{ undo: 'e0001' }, { addTag: 'a' }, { addTag: 'b' }], record([{ addTag: 'z' }], first));
    expect(more.edits.map(({ id }) => id)).toEqual(['e0002', 'e0003', 'e0004']);
  });

  test('takes the edits of another document once', () => {
    const [ours, theirs] = [record([{ addTag: 'a' }]), record([{ addTag: 'b' }])];
    const both = importEdits(ours, theirs);
    expect(both.edits.map((edit) => ('name' in edit ? [edit.id, edit.name] : []))).toEqual([
      ['e0001', 'a'],
      ['e0002', 'b'],
    ]);
    expect(importEdits(both, theirs)).toEqual(both);
  });

  test.each([
    [{ keyframe: 'k9999', caption: 'x' }, 'a keyframe of the result'],
    [{ keyframe: '../../etc/passwd', caption: 'x' }, 'a keyframe of the result'],
    [{ chapter: '__proto__', title: 'x' }, 'a chapter of the result'],
    [{ removeTag: 'unicorn' }, 'a tag of the result'],
    [{ renameTag: 'unicorn', to: 'horse' }, 'a tag of the result'],
    [{ sentence: 99, text: 'x' }, 'a sentence from 1'],
    [{ undo: 'e0009' }, 'there is none'],
    [{ addTag: 'x', at: [{ startMs: 5, endMs: 5 }] }, 'times within'],
    [{ addTag: 'x', at: [{ startMs: 0, endMs: 96_001 }] }, 'times within'],
    [{ addTag: 'x', at: [] }, 'one of'],
    [{ addTag: '  ' }, 'one of'],
    [{ keyframe: 'k0001', caption: 'two\nlines' }, 'one of'],
    [{ keyframe: 'k0001', caption: 'right\u202eleft' }, 'one of'],
    [{ keyframe: 'k0001', caption: '\ud800' }, 'one of'],
    [{ keyframe: 'k0001', caption: 'x'.repeat(1001) }, 'one of'],
    [{ keyframe: 'k0001', caption: 7 }, 'one of'],
    [{ keyframe: 'k0001', caption: 'x', more: true }, 'one of'],
    [null, 'one of'],
    ['k0001', 'one of'],
  ])('refuses %j and changes nothing', (correction, message) => {
    const work = () => record([{ addTag: 'good' }, correction as Correction]);
    expect(work).toThrow(expect.objectContaining({ code: 'EDITS_INVALID' }));
    expect(work).toThrow(`Correction 2: expected`);
    expect(work).toThrow(message);
  });

  test('refuses an author or a time that is none, and more edits than there may be', () => {
    const at = (changes: object) => () => recordEdits(machine, NO_EDITS, [{ addTag: 'a' }], { ...author, ...changes });
    for (const changes of [{ by: 'a\nb' }, { by: 'x'.repeat(129) }, { at: 'yesterday' }]) {
      expect(at(changes)).toThrow(expect.objectContaining({ code: 'EDITS_INVALID' }));
    }
    expect(() => record(Array.from({ length: 10_001 }, () => ({ addTag: 'a' })))).toThrow(
      expect.objectContaining({ code: 'EDITS_INVALID' }),
    );
  });
});
