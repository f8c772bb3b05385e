import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captionsOf } from '../../src/domain/scene.ts';
import { readCaption } from '../../src/summary/caption-reading.ts';
import { mostChapters } from '../../src/summary/chapters.ts';
import { backs, sentenceCount } from '../../src/summary/story.ts';
import { summarise } from '../../src/summary/summarise.ts';
import { anyTimeline, type ShotSketch, timelineOf } from './timeline.ts';

const shot = (text: string, options: Partial<ShotSketch> & { confidence?: number } = {}): ShotSketch => ({
  seconds: 10,
  frames: [[[text, options.confidence ?? 0.8]]],
  ...options,
});

describe('chapters', () => {
  it('join shots that look and read alike, and part those that do not', () => {
    const input = timelineOf([
      shot('two dogs are running through the grass', { luma: 60 }),
      shot('a brown dog is running in the grass', { luma: 62 }),
      shot('a dog is running through the grass', { luma: 58 }),
      shot('a surfer is riding a wave', { luma: 200, confidence: 0.9 }),
      shot('a surfer on a large wave', { luma: 205 }),
    ]);
    const { chapters } = summarise(input);
    expect(chapters.map(({ shots }) => shots)).toEqual([
      ['s0001', 's0002', 's0003'],
      ['s0004', 's0005'],
    ]);
    expect(chapters[1]?.title).toBe('A surfer riding a wave');
  });

  it('are one for a short video, and never more than the length allows', () => {
    const shots = Array.from({ length: 12 }, (_, index) => shot(`a ${NOUNS[index]}`, { seconds: 1, luma: 20 * index }));
    expect(summarise(timelineOf(shots)).chapters).toHaveLength(1);
    expect([5_000, 15_000, 60_000, 600_000, 36_000_000].map(mostChapters)).toEqual([1, 3, 4, 13, 20]);
  });

  it('have a plain name where the model is sure of nothing', () => {
    const { chapters } = summarise(timelineOf([shot('a dog', { confidence: 0.1 })]));
    expect(chapters.map(({ title }) => title)).toEqual(['Scene 1']);
  });

  it('cover the whole duration, each shot in one chapter, whatever comes', () => {
    fc.assert(
      fc.property(anyTimeline(), (input) => {
        const { chapters } = summarise(input);
        expect(chapters[0]?.startMs).toBe(0);
        expect(chapters.at(-1)?.endMs).toBe(input.durationMs);
        for (const [index, chapter] of chapters.entries()) {
          if (index > 0) expect(chapter.startMs).toBe(chapters[index - 1]?.endMs);
        }
        expect(chapters.flatMap(({ shots }) => shots)).toEqual(input.shots.map(({ id }) => id));
        expect(chapters.length).toBeLessThanOrEqual(mostChapters(input.durationMs));
      }),
    );
  });
});

describe('tags', () => {
  it('do not depend on the order of captions', () => {
    fc.assert(
      fc.property(anyTimeline(), fc.infiniteStream(fc.boolean()), (input, coin) => {
        const shuffled = input.keyframes.map((keyframe) =>
          coin.next().value ? { ...keyframe, captions: keyframe.captions.toReversed() } : keyframe,
        );
        expect(summarise({ ...input, keyframes: shuffled }).tags).toEqual(summarise(input).tags);
      }),
    );
  });

  it('say when a thing is seen, as one range over neighbouring shots', () => {
    const { tags } = summarise(
      timelineOf([shot('two dogs'), shot('a dog on the grass'), shot('a man in the snow'), shot('a dog in the snow')]),
    );
    const dog = tags.find(({ name }) => name === 'dog');
    expect(dog).toEqual({
      name: 'dog',
      confidence: 0.69,
      instances: [
        { startMs: 0, endMs: 20_000 },
        { startMs: 30_000, endMs: 40_000 },
      ],
    });
  });

  it('count a picture that looks the same as no second witness, but as time', () => {
    const input = timelineOf([shot('a dog'), shot('nothing')]);
    const [first, second] = input.keyframes;
    if (first === undefined || second === undefined) throw new Error('Expected two keyframes');
    const keyframes = [first, { ...second, sameAs: first.id, captions: [] }];
    const [dog] = summarise({ ...input, keyframes }).tags;
    expect(dog).toEqual({ name: 'dog', confidence: 0.577, instances: [{ startMs: 0, endMs: 20_000 }] });
  });

  it('come from class words too, and are as sure as the surest witness', () => {
    const words = [
      { word: 'bus', confidence: 0.97 },
      { word: 'dog', confidence: 0.55 },
      { word: 'cat', confidence: 0.4 },
    ];
    const { tags } = summarise(timelineOf([shot('a dog', { words }), shot('a man')]));
    expect(tags.find(({ name }) => name === 'bus')).toEqual({
      ...{ name: 'bus', confidence: 0.97, instances: [{ startMs: 0, endMs: 10_000 }] },
    });
    expect(tags.map(({ name }) => name)).toEqual(['bus', 'dog', 'man']);
  });

  it('leave out what only uncertain captions name', () => {
    const { tags } = summarise(timelineOf([shot('a horse', { confidence: 0.2 }), shot('a cat')]));
    expect(tags.map(({ name }) => name)).toEqual(['cat']);
  });

  it('are sorted, within the video, apart from each other, and at most thirty, whatever comes', () => {
    fc.assert(
      fc.property(anyTimeline(), (input) => {
        const { tags } = summarise(input);
        const weights = tags.map(
          ({ confidence, instances }) =>
            confidence * instances.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
        );
        expect(weights).toEqual(weights.toSorted((one, other) => other - one));
        expect(tags.length).toBeLessThanOrEqual(30);
        for (const { instances, confidence } of tags) {
          expect(confidence).toBeLessThan(1);
          instances.forEach(({ startMs, endMs }, index) => {
            expect(startMs).toBeGreaterThan(instances[index - 1]?.endMs ?? -1);
            expect(endMs).toBeGreaterThanOrEqual(startMs);
            expect(endMs).toBeLessThanOrEqual(input.durationMs);
          });
        }
      }),
    );
  });
});

describe('the summary', () => {
  it('tells in order of time, without repeats, each sentence with all frames that back it', () => {
    const input = timelineOf([
      shot('two dogs are running through the grass'),
      shot('a surfer riding a large wave'),
      shot('two dogs are running through the green grass'),
      shot('two people in the snow'),
    ]);
    expect(summarise(input).summary).toEqual({
      text: 'Two dogs are running through the grass. Then a surfer is riding a large wave. Finally, there are two people in the snow.',
      sentences: [
        { text: 'Two dogs are running through the grass.', keyframes: ['k0001', 'k0003'] },
        { text: 'Then a surfer is riding a large wave.', keyframes: ['k0002'] },
        { text: 'Finally, there are two people in the snow.', keyframes: ['k0004'] },
      ],
    });
  });

  it('says so where the model is sure of nothing', () => {
    const { summary } = summarise(timelineOf([shot('a dog', { confidence: 0.1 })]));
    expect(summary).toEqual({ text: 'Nothing in it could be named with confidence.', sentences: [] });
    expect(summarise(timelineOf([{ seconds: 5, frames: [] }])).summary.sentences).toEqual([]);
  });

  it('passes over captions that say a thing twice or break off', () => {
    const frames = [
      [
        ['a black dog and a black dog', 0.9],
        ['a dog is sitting on a', 0.8],
        ['a black dog is running', 0.5],
      ],
    ] as const;
    expect(summarise(timelineOf([{ seconds: 8, frames }])).summary.text).toBe('A black dog is running.');
  });

  it('grows with the length, from one sentence to six', () => {
    expect([0, 10_000, 20_000, 60_000, 300_000, 36_000_000].map(sentenceCount)).toEqual([1, 1, 2, 4, 6, 6]);
  });

  it('has frames behind each sentence, every one with a caption that says as much, whatever comes', () => {
    fc.assert(
      fc.property(anyTimeline(), (input) => {
        const { summary } = summarise(input);
        const keyframes = new Map(input.keyframes.map((keyframe) => [keyframe.id, keyframe]));
        for (const { text, keyframes: behind } of summary.sentences) {
          expect(text).toMatch(/^\P{Ll}.*\.$/su);
          expect(behind.length).toBeGreaterThan(0);
          for (const id of behind) {
            const keyframe = keyframes.get(id);
            const certain = keyframe ? captionsOf(keyframe, keyframes).filter(({ uncertain }) => !uncertain) : [];
            expect(certain.some((caption) => backs(caption.text, text))).toBe(true);
          }
        }
        expect(summary.sentences.length).toBeLessThanOrEqual(sentenceCount(input.durationMs));
      }),
    );
  });

  it('tells a scene by the best caption that is certain, though a later one may be surer', () => {
    const man = 'a man is walking down a street';
    const pair = 'a man and a woman are walking down a street';
    const told = (frame: ShotSketch['frames'][number]) =>
      summarise(timelineOf([{ seconds: 5, frames: [frame] }])).summary.text;
    expect(
      told([
        [man, 0.8],
        [pair, 0.95],
      ]),
    ).toBe('A man is walking down a street.');
    expect(
      told([
        [pair, 0.95],
        [man, 0.8],
      ]),
    ).toBe('A man and a woman are walking down a street.');
    expect(
      told([
        [man, 0.2],
        [pair, 0.95],
      ]),
    ).toBe('A man and a woman are walking down a street.');
  });

  it('takes a ten-hour video in seconds', () => {
    const verbs = ['running', 'jumping', 'sitting', 'playing', 'swimming', 'standing', 'walking'];
    const sketches = Array.from({ length: 3600 }, (_, index) =>
      shot(
        `a ${NOUNS[index % 12]} is ${verbs[index % 7]} near the ${NOUNS[(index * 7 + 3) % 12]} and ${index % 97} trees`,
        {
          luma: (index * 37) % 256,
        },
      ),
    );
    const before = process.cpuUsage();
    const { chapters, summary } = summarise(timelineOf(sketches));
    const { user } = process.cpuUsage(before);
    expect(chapters.length).toBeLessThanOrEqual(20);
    expect(chapters.length).toBeGreaterThanOrEqual(8);
    expect(summary.sentences).toHaveLength(6);
    expect(user / 1e6).toBeLessThan(10);
  });
});

it('reads every example noun as a thing', () => {
  for (const noun of NOUNS) expect(readCaption(`a ${noun}`).things).toEqual([noun]);
});

const NOUNS = ['dog', 'boat', 'car', 'tree', 'horse', 'ball', 'beach', 'house', 'bench', 'lake', 'bird', 'bus'];
