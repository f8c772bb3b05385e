import sharp from 'sharp';
import { type Caption, type Keyframe, type Result, result, type Shot } from '../../src/domain/result.ts';
import { summarise } from '../../src/summary/summarise.ts';

/**
 * A hand-made, valid result of 96 seconds: nine shots in a park, on a beach and in the snow, one of them long, one that
 * looks the same as an earlier one, and one that the model isn't sure of.
 */
export function exampleResult(overrides: Partial<Result> = {}): Result {
  const { shots, keyframes, durationMs } = exampleTimeline();
  const story = summarise({ durationMs, shots, keyframes, signatures: exampleSignatures(keyframes) });
  return result.parse({
    schema: 'framescribe/result@1',
    video: {
      source: 'a-day-outside.mp4',
      sha256: hex(1),
      bytes: 18_734_112,
      container: 'mov',
      codec: 'h264',
      pixelFormat: 'yuv420p',
      durationMs,
      width: 1920,
      height: 1080,
      displayWidth: 1920,
      displayHeight: 1080,
      rotation: 0,
      sampleAspectRatio: '1/1',
      timeBase: '1/30000',
      frameRate: '30000/1001',
      variableFrameRate: false,
      interlaced: false,
      alpha: false,
      hdr: false,
    },
    model: {
      name: 'example-lstm',
      version: '1.0.0',
      digest: `sha256:${hex(2)}`,
      cell: 'lstm',
      licence: 'Apache-2.0',
    },
    options: { windowMs: 10_000, maxKeyframes: 20_000, beam: 4, nBest: 3, attention: false },
    shots,
    keyframes,
    ...story,
    warnings: [{ code: 'VIDEO_TRACKS_IGNORED', message: 'There are 2 video tracks; the default one is described.' }],
    digest: `sha256:${hex(3)}`,
    ...overrides,
  });
}

/** The shots and keyframes of the example. */
export function exampleTimeline() {
  const shots: Shot[] = [];
  const keyframes: Keyframe[] = [];
  let startMs = 0;
  for (const { seconds, transition, frames } of SHOTS) {
    const shotId = `s${String(shots.length + 1).padStart(4, '0')}`;
    const endMs = startMs + Math.round(seconds * 1000);
    const ids: string[] = [];
    frames.forEach((frame, index) => {
      const id = `k${String(keyframes.length + 1).padStart(4, '0')}`;
      const timeMs = Math.round(startMs + ((index + 0.5) * (endMs - startMs)) / frames.length);
      ids.push(id);
      keyframes.push({
        id,
        shot: shotId,
        timeMs,
        time: `${timeMs * 30}/30000`,
        image: `keyframes/${id}.jpg`,
        sha256: hex(10 + keyframes.length),
        width: 1280,
        height: 720,
        sharpness: 214.5,
        brightness: 0.46,
        ...('sameAs' in frame ? { sameAs: frame.sameAs, captions: [] } : { captions: frame.map(captionOf) }),
      });
    });
    shots.push({ id: shotId, startMs, endMs, transition, keyframes: ids });
    startMs = endMs;
  }
  return { shots, keyframes, durationMs: startMs };
}

/** The example's first shot, so many times over: nine seconds and one keyframe each, all in one chapter. */
export function longResult(count: number): Result {
  const { keyframes, shots, ...rest } = exampleResult();
  const [keyframe] = keyframes;
  const [shot] = shots;
  if (keyframe === undefined || shot === undefined) throw new Error('Expected an example with keyframes');
  const each = Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, '0');
    return { startMs: index * 9000, endMs: (index + 1) * 9000, shot: `s${number}`, keyframe: `k${number}` };
  });
  return {
    ...rest,
    video: { ...rest.video, durationMs: count * 9000 },
    keyframes: each.map((one) => ({
      ...keyframe,
      id: one.keyframe,
      shot: one.shot,
      timeMs: one.startMs + 4500,
      image: `keyframes/${one.keyframe}.jpg`,
    })),
    shots: each.map(({ startMs, endMs, ...one }) => ({
      ...shot,
      id: one.shot,
      startMs,
      endMs,
      keyframes: [one.keyframe],
    })),
    chapters: [{ id: 'c01', startMs: 0, endMs: count * 9000, title: 'All of it', shots: each.map((one) => one.shot) }],
  };
}

/** A picture for each keyframe, drawn: sky, ground and something on it. */
export const examplePictures = {
  async read(id: string): Promise<Buffer> {
    const index = Number(id.slice(1)) - 1;
    const [sky, ground] = PALETTES[paletteOf(index)] ?? PALETTES[0];
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360" fill="${sky}"/>
      <rect y="210" width="640" height="150" fill="${ground}"/><circle cx="${120 + ((index * 97) % 400)}" cy="230" r="46" fill="#3b2a20"/></svg>`;
    return sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer();
  },
};

/** 16×9 signatures (Y, Cb, Cr) that are alike where the pictures are. */
export function exampleSignatures(keyframes: readonly Keyframe[]): ReadonlyMap<string, Uint8Array> {
  return new Map(
    keyframes.map(({ id }, index) => {
      const tint = 40 * paletteOf(index);
      return [id, Uint8Array.from({ length: 432 }, (_, at) => (at % 3 === 0 ? 60 + tint : 110 + (tint >> (at % 3))))];
    }),
  );
}

type Words = readonly [text: string, confidence: number];
interface ExampleShot {
  readonly seconds: number;
  readonly transition: Shot['transition'];
  readonly frames: readonly (readonly Words[] | { readonly sameAs: string })[];
}

const SHOTS: readonly ExampleShot[] = [
  {
    seconds: 9.5,
    transition: 'start',
    frames: [
      [
        ['two dogs are running through the grass', 0.81],
        ['two brown dogs are running in a field', 0.7],
        ['two dogs play in the grass', 0.62],
      ],
    ],
  },
  {
    seconds: 26.4,
    transition: 'cut',
    frames: [
      [
        ['a brown dog is running through the grass', 0.77],
        ['a dog runs in a field', 0.66],
      ],
      [
        ['a brown dog is catching a frisbee', 0.58],
        ['a dog jumps for a frisbee in the grass', 0.51],
      ],
      { sameAs: 'k0002' },
    ],
  },
  { seconds: 4.2, transition: 'cut', frames: [[['a man and a woman are sitting on a bench', 0.64]]] },
  {
    seconds: 11.1,
    transition: 'fade',
    frames: [
      [
        ['a boy is playing in the ocean waves', 0.72],
        ['a child is playing in the water', 0.69],
      ],
    ],
  },
  {
    seconds: 8.8,
    transition: 'cut',
    frames: [
      [
        ['a surfer riding a large wave', 0.86],
        ['a man in a wetsuit is surfing on a wave', 0.74],
      ],
    ],
  },
  {
    seconds: 3.1,
    transition: 'cut',
    frames: [
      [
        ['a group of people standing in front of a building', 0.19],
        ['a man in a black shirt is standing', 0.12],
      ],
    ],
  },
  {
    seconds: 14.9,
    transition: 'dissolve',
    frames: [
      [
        ['a skier is jumping over a snowy hill', 0.79],
        ['a person skiing down a mountain', 0.71],
      ],
      [['a person is skiing down a snowy mountain', 0.75]],
    ],
  },
  { seconds: 10.2, transition: 'cut', frames: [{ sameAs: 'k0010' }] },
  { seconds: 7.8, transition: 'cut', frames: [[['two people walking in the snow', 0.68]]] },
];

const PALETTES = [
  ['#bcd7ea', '#5e8d3c'],
  ['#9fd0ee', '#2f7fa8'],
  ['#d9e4ee', '#f5f8fb'],
] as const;

function paletteOf(index: number): number {
  return index < 5 ? 0 : index < 8 ? 1 : 2;
}

function captionOf([text, confidence]: Words): Caption {
  const words = text.split(' ');
  const logProbability = -Math.round(words.length * (1.2 - confidence) * 1000) / 1000;
  const tokens = words.map((word, index) => ({
    word,
    logProbability: -Math.round((index % 3 === 1 ? 1.4 : 0.4) * (1.2 - confidence) * 1000) / 1000,
  }));
  return { text, confidence, uncertain: confidence < 0.25, logProbability, tokens };
}

function hex(seed: number): string {
  return Array.from({ length: 64 }, (_, index) =>
    ((seed * 31 + index * 7 + ((seed * index) % 13)) % 16).toString(16),
  ).join('');
}
