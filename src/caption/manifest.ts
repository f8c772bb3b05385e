import { z } from 'zod';

const tensorName = z.string().min(1).max(200);
const size = (most: number) => z.int().min(1).max(most);
/** A plain file name: no folder, nothing hidden, nothing that a shell or a file system reads as more than a name. */
const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/, 'Expected a plain file name without a folder');

const input = z.strictObject({
  /** Name of the encoder's input, `[N,3,height,width]` float32. */
  name: tensorName,
  width: size(2048),
  height: size(2048),
  layout: z.literal('NCHW'),
  channels: z.literal('RGB'),
  /** `squash` ignores the aspect ratio; `crop` covers and cuts to the centre; `pad` fits and fills with black. */
  resize: z.enum(['squash', 'crop', 'pad']),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
});

const encoder = z.strictObject({
  file: fileName,
  /** Output `[N,regions,featureSize]`. */
  features: tensorName,
  regions: size(4096),
  /** Rows and columns in which the regions lie, row by row. */
  grid: z.tuple([size(4096), size(4096)]),
  featureSize: size(16_384),
  /** Outputs `[N,size]`: the decoder's first states, in the order of `decoder.states`. */
  states: z.array(tensorName).min(1).max(8),
});

const decoder = z.strictObject({
  file: fileName,
  /** Input `[B]` int64: the previous word of each row. */
  word: tensorName,
  /** Input `[B,regions,featureSize]`. */
  features: tensorName,
  states: z
    .array(z.strictObject({ input: tensorName, output: tensorName, size: size(16_384) }))
    .min(1)
    .max(8),
  /** Output `[B,words]`. */
  logProbabilities: tensorName,
  /** Output `[B,regions]`. */
  attention: tensorName,
});

const wordId = z.int().min(0).max(999_999);

const vocabulary = z.strictObject({
  /** One word a line; line n, from 0, is the word with id n. */
  file: fileName,
  size: z.int().min(5).max(1_000_000),
  padding: wordId,
  begin: wordId,
  end: wordId,
  unknown: wordId,
});

const decoding = z.strictObject({
  beam: size(16),
  /** Tokens at most, the end token included. */
  maxLength: size(200),
  /** A caption's score is its log-probability divided by its number of tokens to this power. */
  lengthExponent: z.number().min(0).max(2),
  /**
   * The probability that something is there which speaks for it, from which a caption may name a thing: on pictures of the
   * kind that the captions were learned from, and on others; in between by the chance that a picture is foreign.
   */
  leastSupport: z.strictObject({ home: z.number().min(0).max(1), foreign: z.number().min(0).max(1) }).optional(),
  /**
   * On foreign pictures the first thing that a caption names gains so many times the log-odds of its support above what is
   * usual (`things` in `words.json`), the more the surer it is that a picture is foreign.
   */
  foreignGain: z.number().min(0).max(10).optional(),
});

const curve = z.strictObject({
  /** Mean log-probability of a caption's tokens, the end token included. */
  statistic: z.literal('meanLogProbability'),
  /** `[statistic, confidence]`, linear in between, held at the ends. */
  points: z
    .array(z.tuple([z.number(), z.number().min(0).max(1)]))
    .min(1)
    .max(1000),
  uncertainBelow: z.number().min(0).max(1),
});

const agreement = z.strictObject({
  /** Whether the class words agree with the caption; needs `words`. */
  statistic: z.literal('agreement'),
  /** Confidence is 1 / (1 + exp(-sum)), the sum being of these, each times what `confidence.ts` says it goes with. */
  weights: z.strictObject({
    constant: z.number(),
    meanLogProbability: z.number(),
    named: z.number(),
    unnamed: z.number(),
    /** Of `foreign`, and of it where the main thing is a filler. */
    foreign: z.number().default(0),
    filler: z.number().default(0),
  }),
  /** By which class words a picture is told that isn't of the kind that the captions were learned from. */
  foreign: z
    .strictObject({
      /** Its probability is 1 / (1 + exp(-sum)): this and each word's log-odds times its weight. */
      constant: z.number(),
      words: z.record(z.string(), z.number()),
      /** A main thing that these speak for is named on such pictures for want of better. */
      fillers: z.array(z.string()).max(1000),
    })
    .optional(),
  uncertainBelow: z.number().min(0).max(1),
});

const confidence = z.discriminatedUnion('statistic', [curve, agreement]);

const classWords = z.strictObject({
  /** Output of the encoder, `[N,words]` float32: the probability that each word names something in the picture. */
  output: tensorName,
  /** The words with their thresholds, see `class-words.ts`. */
  file: fileName,
});

const file = z.strictObject({
  name: fileName,
  bytes: z
    .int()
    .min(0)
    .max(8 * 1024 ** 3),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 hexadecimal digits'),
});

/** `bundle.json`, schema `framescribe/bundle@1`: what a captioning model is and how it is run. */
export const manifest = z
  .strictObject({
    schema: z.literal('framescribe/bundle@1'),
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'Expected letters, digits, dots, dashes'),
    version: z.string().min(1).max(100),
    licence: z.string().min(1),
    description: z.string(),
    cell: z.enum(['rnn', 'gru', 'lstm']),
    input,
    encoder,
    decoder,
    vocabulary,
    decoding,
    confidence,
    words: classWords.optional(),
    files: z.array(file).max(100),
    /** What it was measured at: the data set, the numbers, the command that measures them again. */
    scores: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  })
  .superRefine((bundle, context) => {
    for (const [path, message] of contradictions(bundle)) {
      context.addIssue({ code: 'custom', path: path.split('.'), message });
    }
  });

export type Manifest = z.infer<typeof manifest>;

type Plain = Omit<Manifest, 'scores'>;

/** Where two parts of a manifest don't fit together: the place and what was expected. */
function contradictions(bundle: Plain): readonly (readonly [path: string, message: string])[] {
  const { encoder, decoder, vocabulary, decoding, confidence, words } = bundle;
  const { padding, begin, end, unknown } = vocabulary;
  const names = bundle.files.map(({ name }) => name);
  const used = [encoder.file, decoder.file, vocabulary.file, ...(words ? [words.file] : [])];
  const [rows, columns] = encoder.grid;
  const checks: readonly (readonly [boolean, string, string])[] = [
    [
      rows * columns === encoder.regions,
      'encoder.grid',
      `Expected ${rows}×${columns} to be ${encoder.regions} regions`,
    ],
    [
      encoder.states.length === decoder.states.length,
      'encoder.states',
      `Expected one for each of the decoder's ${decoder.states.length} states, got ${encoder.states.length}`,
    ],
    [
      allDiffer([encoder.features, ...encoder.states, ...(words ? [words.output] : [])]),
      'encoder.states',
      'Expected the outputs of the encoder to have different names',
    ],
    [
      allDiffer([decoder.word, decoder.features, ...decoder.states.map((state) => state.input)]),
      'decoder.states',
      'Expected the inputs of the decoder to have different names',
    ],
    [
      allDiffer([decoder.logProbabilities, decoder.attention, ...decoder.states.map((state) => state.output)]),
      'decoder.states',
      'Expected the outputs of the decoder to have different names',
    ],
    [
      allDiffer([padding, begin, end, unknown]) && Math.max(padding, begin, end, unknown) < vocabulary.size,
      'vocabulary',
      `Expected padding, begin, end and unknown to be four different ids below ${vocabulary.size}`,
    ],
    [
      confidence.statistic !== 'meanLogProbability' || isRising(confidence.points),
      'confidence.points',
      'Expected points from left to right that never fall',
    ],
    [
      confidence.statistic !== 'agreement' || words !== undefined,
      'confidence.statistic',
      'Expected class words (`words`) for a confidence by their agreement',
    ],
    [
      (decoding.leastSupport ?? decoding.foreignGain) === undefined || words !== undefined,
      'decoding',
      'Expected class words (`words`) for `leastSupport` and `foreignGain`',
    ],
    [allDiffer(names), 'files', 'Expected each file once'],
    [
      used.every((name) => names.includes(name)),
      'files',
      `Expected ${used.join(', ')} among them, got ${names.join(', ') || 'none'}`,
    ],
  ];
  return checks.filter(([holds]) => !holds).map(([, path, message]) => [path, message]);
}

function allDiffer(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

function isRising(points: z.infer<typeof curve>['points']): boolean {
  return points.every((point, index) => {
    const before = points[index - 1];
    return before === undefined || (before[0] < point[0] && before[1] <= point[1]);
  });
}
