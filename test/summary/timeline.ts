import fc from 'fast-check';
import type { Caption, Keyframe, SeenWord, Shot } from '../../src/domain/result.ts';
import type { SummariseInput } from '../../src/summary/summarise.ts';

/** A shot for tests: how long it is, and for each keyframe its captions with their confidences, best first. */
export interface ShotSketch {
  readonly seconds: number;
  readonly frames: readonly (readonly (readonly [text: string, confidence: number])[])[];
  /** Class words that are seen in each of its keyframes. */
  readonly words?: readonly SeenWord[];
  /** Brightness of its pictures, 0 to 255. */
  readonly luma?: number;
}

/** Makes what `summarise` reads from sketches of shots. Captions below 0.25 are uncertain. */
export function timelineOf(sketches: readonly ShotSketch[]): SummariseInput {
  const shots: Shot[] = [];
  const keyframes: Keyframe[] = [];
  const signatures = new Map<string, Uint8Array>();
  let startMs = 0;
  for (const { seconds, frames, luma = 120, words } of sketches) {
    const shot = `s${String(shots.length + 1).padStart(4, '0')}`;
    const endMs = startMs + Math.round(seconds * 1000);
    const ids = frames.map((captions, index) => {
      const id = `k${String(keyframes.length + 1).padStart(4, '0')}`;
      const timeMs = Math.floor(startMs + ((index + 0.5) * (endMs - startMs)) / frames.length);
      keyframes.push({ ...keyframeOf(id, shot, timeMs, captions), ...(words ? { words: [...words] } : {}) });
      signatures.set(
        id,
        Uint8Array.from({ length: 432 }, (_, at) => (at % 3 === 0 ? luma : 128)),
      );
      return id;
    });
    shots.push({ id: shot, startMs, endMs, transition: startMs === 0 ? 'start' : 'cut', keyframes: ids });
    startMs = endMs;
  }
  return { durationMs: startMs, shots, keyframes, signatures };
}

/** Any timeline: up to twelve shots with up to three keyframes, captioned from a few words, sure or not. */
export function anyTimeline(): fc.Arbitrary<SummariseInput> {
  const noun = fc.constantFrom('dog', 'dogs', 'man', 'woman', 'boat', 'children', 'grass', 'snow', 'bike', '<unk>');
  const phrase = fc
    .tuple(
      fc.constantFrom('a', 'two', 'the', 'a brown'),
      noun,
      fc.constantFrom('is running', 'jumps', 'in', 'and'),
      fc.constantFrom('a', 'the'),
      noun,
    )
    .map((words) => words.join(' '));
  const text = fc.oneof(phrase, fc.constant(''), fc.constant('a'), fc.string({ maxLength: 20 }));
  const caption = fc.tuple(
    text,
    fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  );
  const seenWord = fc.record({
    word: fc.constantFrom('dog', 'animal', 'person', 'bus', 'motorcycle', 'hair', '__proto__', 'constructor'),
    confidence: fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
  });
  const frame = fc
    .array(caption, { maxLength: 3 })
    .map((captions) => captions.toSorted(([, one], [, other]) => other - one));
  return fc
    .array(
      fc.record({
        seconds: fc.integer({ min: 0, max: 90_000 }).map((ms) => ms / 1000),
        frames: fc.array(frame, { maxLength: 3 }),
        luma: fc.integer({ min: 0, max: 255 }),
        words: fc.array(seenWord, { maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map(timelineOf);
}

function keyframeOf(id: string, shot: string, timeMs: number, captions: ShotSketch['frames'][number]): Keyframe {
  return {
    id,
    shot,
    timeMs,
    time: `${timeMs}/1000`,
    image: `keyframes/${id}.jpg`,
    sha256: 'a'.repeat(64),
    width: 640,
    height: 360,
    sharpness: 100,
    brightness: 0.5,
    captions: captions.map(([text, confidence]): Caption => {
      return { text, confidence, uncertain: confidence < 0.25, logProbability: -3, tokens: [] };
    }),
  };
}
