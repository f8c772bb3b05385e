import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../src/caption/manifest.ts';
import { type Constant, type Graph, type Node, type Port, writeOnnx } from './onnx.ts';

/**
 * A captioner of a few kilobytes for tests. Its encoder averages the colours of the four quarters of a picture; its
 * decoder looks at the quarter that is like its state and writes “a <colour> <thing>”, where the thing depends on the
 * colour and on the words before.
 */
export const WORDS = [
  ...['<pad>', '<begin>', '<end>', '<unk>', 'a', 'and', 'dark', 'bright', 'red', 'green', 'blue'],
  ...['field', 'sea', 'fire', 'wall', 'near'],
] as const;

export const CELLS = ['lstm', 'gru', 'rnn'] as const;
export type Cell = (typeof CELLS)[number];

const SIDE = 32;
const REGIONS = 4;
const FEATURES = 8;
const STATE = 16;
const SIZE = WORDS.length;

/** What the encoder's channels see: red, green, blue, bright, dark, and three mixtures; colours are -1 to 1. */
const CHANNELS = Float32Array.from(
  [
    ...[
      [1, -0.5, -0.5],
      [-0.5, 1, -0.5],
      [-0.5, -0.5, 1],
      [0.5, 0.5, 0.5],
      [-0.5, -0.5, -0.5],
    ],
    ...[
      [1, 1, -1],
      [-1, 1, 1],
      [0.3, -0.2, 0.1],
    ],
  ].flat(),
);

/** Words that its encoder looks for, where it's asked to have some; nobody found a threshold for the last one. */
export const CLASS_WORDS = [
  { word: 'fire', threshold: 0.6 },
  { word: 'meadow', threshold: 0.7 },
  { word: 'sea', threshold: 0.7 },
  { word: 'fire engine', threshold: null },
] as const;

/** The files of a tiny bundle, without its manifest; `decoder` and `encoder` may be changed first. */
export function tinyFiles(cell: Cell, change: { encoder?: (g: Graph) => Graph; decoder?: (g: Graph) => Graph } = {}) {
  const same = (graph: Graph) => graph;
  return {
    'encoder.onnx': writeOnnx((change.encoder ?? same)(encoderGraph(cell))),
    'decoder.onnx': writeOnnx((change.decoder ?? same)(decoderGraph(cell))),
    'vocabulary.txt': Buffer.from(`${WORDS.join('\n')}\n`),
  };
}

/** The same with class words. */
export function tinyFilesWithWords(cell: Cell, words: unknown = CLASS_WORDS) {
  return {
    ...tinyFiles(cell, { encoder: withClassWords }),
    'words.json': Buffer.from(JSON.stringify({ words })),
  };
}

/** An encoder that also tells how much of red, green and blue it sees, the last word always. */
function withClassWords(graph: Graph): Graph {
  const count = CLASS_WORDS.length;
  const numbers = new Float32Array(FEATURES * count);
  for (let word = 0; word < count; word++) numbers[(word % 3) * count + word] = 4;
  return {
    ...graph,
    outputs: [...graph.outputs, { name: 'classes', shape: ['N', count] }],
    constants: [...graph.constants, { name: 'class_weight', shape: [FEATURES, count], numbers }],
    nodes: [
      ...graph.nodes,
      node('MatMul', ['mean', 'class_weight'], 'class_sum'),
      node('Sigmoid', ['class_sum'], 'classes'),
    ],
  };
}

/** The manifest that tells of such files. */
export function tinyManifest(cell: Cell, files: Readonly<Record<string, Buffer>>): Manifest {
  return {
    schema: 'framescribe/bundle@1',
    name: `tiny-${cell}`,
    version: '1.0.0',
    licence: 'Apache-2.0',
    description: 'Tells colours apart; for tests',
    cell,
    input: {
      ...{ name: 'image', width: SIDE, height: SIDE, layout: 'NCHW', channels: 'RGB', resize: 'squash' },
      ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    },
    encoder: {
      ...{ file: 'encoder.onnx', features: 'features', regions: REGIONS, grid: [2, 2], featureSize: FEATURES },
      states: stateNames(cell).map((name) => `${name}0`),
    },
    decoder: {
      ...{ file: 'decoder.onnx', word: 'word', features: 'features' },
      states: stateNames(cell).map((name) => ({ input: name, output: `${name}_next`, size: STATE })),
      ...{ logProbabilities: 'log_probabilities', attention: 'attention' },
    },
    vocabulary: { file: 'vocabulary.txt', size: SIZE, padding: 0, begin: 1, end: 2, unknown: 3 },
    decoding: { beam: 3, maxLength: 12, lengthExponent: 0.7 },
    confidence: {
      ...{ statistic: 'meanLogProbability', uncertainBelow: 0.35 },
      points: [
        [-3, 0.1],
        [-0.2, 0.9],
      ],
    },
    ...('words.json' in files ? { words: { output: 'classes', file: 'words.json' } } : {}),
    files: Object.entries(files).map(([name, bytes]) => ({
      ...{ name, bytes: bytes.length },
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    scores: { dataset: 'none' },
  };
}

/** Writes a bundle, its manifest made to fit, into a folder. */
export function writeBundle(folder: string, files: Readonly<Record<string, Buffer>>, manifest: unknown): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, 'bundle.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function stateNames(cell: Cell): readonly string[] {
  return cell === 'lstm' ? ['h', 'c'] : ['h'];
}

function encoderGraph(cell: Cell): Graph {
  const constants = [
    { name: 'weight', shape: [FEATURES, 3, 1, 1], numbers: CHANNELS },
    ints('shape', [0, FEATURES, REGIONS]),
    ...stateNames(cell).map((name, index) => random(`${name}_weight`, [FEATURES, STATE], 2 + index, 1)),
  ];
  const nodes: Node[] = [
    node('AveragePool', ['image'], 'quarters', { kernel_shape: [SIDE / 2, SIDE / 2], strides: [SIDE / 2, SIDE / 2] }),
    node('Conv', ['quarters', 'weight'], 'channels', { kernel_shape: [1, 1] }),
    node('Reshape', ['channels', 'shape'], 'flat'),
    node('Transpose', ['flat'], 'features', { perm: [0, 2, 1] }),
    node('ReduceMean', ['features'], 'mean', { axes: [1], keepdims: 0 }),
    ...stateNames(cell).flatMap((name) => [
      node('MatMul', ['mean', `${name}_weight`], `${name}_sum`),
      node('Tanh', [`${name}_sum`], `${name}0`),
    ]),
  ];
  const outputs: Port[] = [
    { name: 'features', shape: ['N', REGIONS, FEATURES] },
    ...stateNames(cell).map((name) => ({ name: `${name}0`, shape: ['N', STATE] })),
  ];
  return { inputs: [{ name: 'image', shape: ['N', 3, SIDE, SIDE] }], outputs, constants, nodes };
}

function decoderGraph(cell: Cell): Graph {
  const constants = [
    random('embedding', [SIZE, STATE], 11, 1),
    random('recurrence', [STATE, STATE], 12, 0.4),
    random('seen_to_state', [FEATURES, STATE], 13, 0.8),
    random('query_weight', [STATE, FEATURES], 14, 1),
    random('hidden_weight', [STATE, SIZE], 15, 0.3),
    sight(),
    grammar(),
    ints('last', [2]),
    ints('middle', [1]),
  ];
  const cellNodes: Node[] =
    cell === 'lstm'
      ? [
          node('Add', ['c', 'gate'], 'c_sum'),
          node('Tanh', ['c_sum'], 'c_next'),
          node('Mul', ['c_next', 'gate'], 'h_next'),
        ]
      : cell === 'gru'
        ? [node('Add', ['h', 'gate'], 'h_sum'), node('Tanh', ['h_sum'], 'h_next')]
        : [node('Identity', ['gate'], 'h_next')];
  const nodes: Node[] = [
    node('MatMul', ['h', 'query_weight'], 'query'),
    node('Unsqueeze', ['query', 'last'], 'query_column'),
    node('MatMul', ['features', 'query_column'], 'likeness'),
    node('Softmax', ['likeness'], 'weights', { axis: 1 }),
    node('Squeeze', ['weights', 'last'], 'attention'),
    node('Mul', ['features', 'weights'], 'weighted'),
    node('ReduceSum', ['weighted', 'middle'], 'seen', { keepdims: 0 }),
    node('Gather', ['embedding', 'word'], 'embedded'),
    node('MatMul', ['h', 'recurrence'], 'from_state'),
    node('MatMul', ['seen', 'seen_to_state'], 'from_sight'),
    node('Add', ['embedded', 'from_state'], 'sum_1'),
    node('Add', ['sum_1', 'from_sight'], 'sum_2'),
    node('Tanh', ['sum_2'], 'gate'),
    ...cellNodes,
    node('MatMul', ['h_next', 'hidden_weight'], 'hidden_scores'),
    node('MatMul', ['seen', 'seen_weight'], 'seen_scores'),
    node('Gather', ['grammar', 'word'], 'grammar_scores'),
    node('Add', ['hidden_scores', 'seen_scores'], 'sum_3'),
    node('Add', ['sum_3', 'grammar_scores'], 'scores'),
    node('LogSoftmax', ['scores'], 'log_probabilities', { axis: 1 }),
  ];
  const states = stateNames(cell);
  return {
    inputs: [
      { name: 'word', type: 'int64', shape: ['B'] },
      ...states.map((name) => ({ name, shape: ['B', STATE] })),
      { name: 'features', shape: ['B', REGIONS, FEATURES] },
    ],
    outputs: [
      { name: 'log_probabilities', shape: ['B', SIZE] },
      ...states.map((name) => ({ name: `${name}_next`, shape: ['B', STATE] })),
      { name: 'attention', shape: ['B', REGIONS] },
    ],
    constants,
    nodes,
  };
}

/** Which word may follow which, as scores: an article, colours, a thing, then the end or “and” or “near” again. */
function grammar(): Constant {
  const colours = ['dark', 'bright', 'red', 'green', 'blue'];
  const things = ['field', 'sea', 'fire', 'wall'];
  const next: Readonly<Record<string, readonly string[]>> = {
    '<begin>': ['a'],
    a: [...colours, ...things],
    ...Object.fromEntries(colours.map((word) => [word, things])),
    ...Object.fromEntries(things.map((word) => [word, ['<end>', 'and', 'near']])),
    and: ['a'],
    near: ['a'],
  };
  const favoured = WORDS.indexOf('<end>');
  const numbers = new Float32Array(SIZE * SIZE).fill(-8);
  for (const [word, followers] of Object.entries(next)) {
    for (const follower of followers) {
      const id = WORDS.indexOf(follower as never);
      numbers[WORDS.indexOf(word as never) * SIZE + id] = id === favoured ? 1 : 0;
    }
  }
  return { name: 'grammar', shape: [SIZE, SIZE], numbers };
}

/** Which channel speaks for which words. */
function sight(): Constant {
  const words = [
    ['red', 'fire'],
    ['green', 'field'],
    ['blue', 'sea'],
    ['bright', 'wall'],
    ['dark', 'near'],
  ];
  const numbers = new Float32Array(FEATURES * SIZE);
  words.forEach((row, channel) => {
    for (const word of row) numbers[channel * SIZE + WORDS.indexOf(word as never)] = 1.5;
  });
  return { name: 'seen_weight', shape: [FEATURES, SIZE], numbers };
}

function node(op: string, inputs: readonly string[], output: string, attributes: Node['attributes'] = {}): Node {
  return { op, inputs, outputs: [output], attributes };
}

function ints(name: string, values: readonly number[]): Constant {
  return { name, shape: [values.length], numbers: BigInt64Array.from(values, BigInt) };
}

/** Numbers between -scale and scale that are always the same (mulberry32). */
function random(name: string, shape: readonly number[], seed: number, scale: number): Constant {
  let state = seed * 0x9e3779b9;
  const numbers = Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1) * scale;
  });
  return { name, shape, numbers };
}
